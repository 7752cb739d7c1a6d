// What a tool of the MCP server is, and how its outcome and failures are told to an agent: short text
// beside structured content; an operating failure is a tool error with its remedy, never a crash.

import type { CallToolResult, ServerContext, ToolAnnotations } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { type SchedcpError, toSchedcpError } from "../contract/errors.ts";
import type { Progress } from "../contract/node.ts";
import { escapedTail } from "../control/analysis/escaped-text.ts";
import type { ControlPlane, OperationOptions } from "../control/control-plane.ts";

export interface ToolAnswer<Output> {
  /** What a model reads: short, complete by itself. */
  text: string;
  content: Output;
}

interface ToolFace {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
}

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject>
  extends ToolFace {
  input: Input;
  output: Output;
  run(input: z.output<Input>, context: ToolContext): Promise<ToolAnswer<z.input<Output>>>;
}

/** A tool as the server registers it: what it takes is parsed by its own schema. */
export interface Tool extends ToolFace {
  input: z.ZodObject;
  output: z.ZodObject;
  call(input: unknown, context: ToolContext): Promise<CallToolResult>;
}

export interface ToolContext {
  control: ControlPlane;
  /** Progress to the client, where it asked for it; aborted when the client cancels or leaves. */
  options: OperationOptions & { signal: AbortSignal };
}

/** Longest text of an answer or error, in characters. */
const textCharsMax = 4000;

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { run, ...face } = definition;
  return {
    ...face,
    async call(input, context) {
      try {
        const { text, content } = await run(definition.input.parse(input), context);
        return {
          content: [{ type: "text", text: printableBlock(text) }],
          structuredContent: { ...content },
        };
      } catch (thrown) {
        return errorResult(toSchedcpError(thrown));
      }
    },
  };
}

function errorResult(error: SchedcpError): CallToolResult {
  const text = `${error.code}: ${error.message}\n${error.hint}`;
  return { content: [{ type: "text", text: printableBlock(text) }], isError: true };
}

/** Lines stay lines; nothing else that is invisible gets through. */
export function printableBlock(text: string): string {
  const lines = text.split("\n").map((line) => escapedTail(line, textCharsMax));
  const block = lines.join("\n");
  return block.length <= textCharsMax ? block : `${block.slice(0, textCharsMax - 1)}…`;
}

/** Sends progress as MCP notifications where the client gave a token: 1, 2, 3 … with words. */
export function progressTo(context: ServerContext): Progress | undefined {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return ({ step, message, fraction }) => {
    progress += 1;
    const percent = fraction === undefined ? "" : ` (${Math.round(fraction * 100)} %)`;
    const params = { progressToken, progress, message: `${step}: ${message}${percent}` };
    // A client that has gone is noticed by the transport; a notification has no answer to wait for.
    context.mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}
