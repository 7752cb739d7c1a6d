// One message of the node protocol: a line to a value and back. Pure; both ends (rpc.ts) use it.
// Everything that comes in is untrusted, in either direction, and is parsed here once.

import { z } from "zod";
import { isErrorCode, SchedcpError } from "./errors.ts";
import { limits } from "./limits.ts";
import {
  type NodeMethod,
  nodeMethods,
  rpcErrorNumber,
  rpcRequestSchema,
  rpcResponseSchema,
} from "./node-protocol.ts";

const errorTextCharsMax = 8192;

/** Details that cross the wire are flat, so that nothing nested can hurt whoever prints them. */
const detailsSchema = z.record(
  z.string().max(64),
  z.union([
    z.string().max(limits.verifierLogBytesMax),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.string().max(512)).max(200),
  ]),
);

export type RequestLine =
  | { kind: "request"; id: number; method: NodeMethod; params: unknown }
  /** A message that can be answered, but only with this error. */
  | { kind: "refused"; id: number; error: SchedcpError }
  /** Nothing that could be answered. */
  | { kind: "stray" };

export function readRequest(line: string): RequestLine {
  const message = parseJson(line);
  const request = rpcRequestSchema.safeParse(message);
  if (!request.success) {
    const { data } = z.object({ id: z.number().int() }).safeParse(message);
    if (data === undefined) return { kind: "stray" };
    const error = protocolError(`not a request: ${misfit(request.error)}`);
    return { kind: "refused", id: data.id, error };
  }
  const { id, method } = request.data;
  if (!isNodeMethod(method)) {
    return { kind: "refused", id, error: protocolError(`unknown method ${printable(method)}`) };
  }
  const params = nodeMethods[method].params.safeParse(request.data.params);
  if (!params.success) {
    return { kind: "refused", id, error: parametersError(method, params.error) };
  }
  return { kind: "request", id, method, params: params.data };
}

export type ResponseLine =
  | { kind: "result"; id: number; result: unknown }
  /** An error with no id is about the connection. */
  | { kind: "error"; id: number | null; error: SchedcpError }
  | { kind: "stray" };

export function readResponse(line: string): ResponseLine {
  const { data } = rpcResponseSchema.safeParse(parseJson(line));
  if (data === undefined) return { kind: "stray" };
  if (data.error !== undefined) {
    return { kind: "error", id: data.id, error: errorFromWire(data.error) };
  }
  if (data.id === null) return { kind: "stray" };
  return { kind: "result", id: data.id, result: data.result };
}

export function errorLine(id: number | null, error: SchedcpError): string {
  const details = detailsSchema.safeParse(error.details);
  const wire = {
    code: rpcErrorNumber,
    message: error.message.slice(0, errorTextCharsMax),
    data: {
      code: error.code,
      hint: error.hint.slice(0, errorTextCharsMax),
      ...(details.success ? { details: details.data } : {}),
    },
  };
  return JSON.stringify({ jsonrpc: "2.0", id, error: wire });
}

/** A node's error is data: its code must be a known one; its text loses what could drive a terminal. */
function errorFromWire(wire: {
  message: string;
  data?: { code: string; hint: string; details?: unknown } | undefined;
}): SchedcpError {
  const message = printable(wire.message);
  const code = wire.data?.code;
  if (wire.data === undefined || !isErrorCode(code)) {
    return protocolError(`the node answered with an error of no known code: ${message}`);
  }
  const details = detailsSchema.safeParse(wire.data.details);
  return new SchedcpError(code, message, {
    hint: printable(wire.data.hint),
    ...(details.success ? { details: details.data } : {}),
  });
}

function isNodeMethod(method: string): method is NodeMethod {
  return Object.hasOwn(nodeMethods, method);
}

/** Undefined where the line is not JSON: no schema accepts that. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** Where a value is not of its form, and how: bounded, never with the value itself. */
export function misfit(error: z.ZodError): string {
  return error.issues
    .slice(0, 4)
    .map((issue) => `${issue.path.join(".") || "(message)"}: ${issue.message}`)
    .join("; ")
    .slice(0, 1024);
}

export function parametersError(method: NodeMethod, error: z.ZodError): SchedcpError {
  return new SchedcpError("parameter-invalid", `${method}: ${misfit(error)}`, {
    hint: "Correct the named parameter; the form is that of the node protocol.",
  });
}

export function protocolError(message: string): SchedcpError {
  return new SchedcpError("protocol", message, {
    hint: "Node and control plane must be of the same version of schedcp; run `schedcp setup` again.",
  });
}
