// The node protocol on the wire: JSON-RPC 2.0, one message a line, over any Duplex. Both ends are in
// this one file so that they can't drift apart: `createNodeClient` for the lab and the control plane,
// `serveNode` for the daemon. Imports the contract, zod's types and node:* only.
//
// The channel of a restored guest may carry what was under way when it was saved: half a line, or
// the answer to somebody else's request. So a client starts with an empty line (which ends a half
// one), takes ids from a random start, and ignores answers that it never asked for; a server ignores
// lines that are no requests. Both do so up to a bound.

import { AssertionError } from "node:assert";
import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import type { z } from "zod";
import { SchedcpError, toSchedcpError } from "./errors.ts";
import { limits } from "./limits.ts";
import { LineSplitter } from "./lines.ts";
import {
  type NodeConnection,
  type NodeMethod,
  type NodeParams,
  type NodeResult,
  nodeMethods,
} from "./node-protocol.ts";
import {
  errorLine,
  misfit,
  parametersError,
  protocolError,
  readRequest,
  readResponse,
} from "./rpc-message.ts";

/** Requests of one connection that may be under way or waiting, at either end. */
const requestsMax = 16;
/** Lines that are no message (or nobody's answer), before the connection is given up. */
const strayLinesMax = 64;
/** Time for an answer where the caller gave none. A run gets what its own limits allow on top. */
const answerTimeoutMs = 30_000;
const loadTimeoutMs = 90_000;

// ---------------------------------------------------------------------------------------- client

type Outcome = { result: unknown } | { error: SchedcpError };

/** Speaks to the daemon at the other end of the stream, and owns the stream from now on. */
export function createNodeClient(stream: Duplex): NodeConnection {
  /** Id → what settles the call. */
  const pending = new Map<number, (outcome: Outcome) => void>();
  const splitter = new LineSplitter(limits.messageBytesMax);
  let nextId = randomInt(1, 2 ** 40);
  let strayLines = 0;
  let lost: SchedcpError | null = null;

  function lose(error: SchedcpError): void {
    if (lost !== null) return;
    lost = error;
    for (const settle of [...pending.values()]) settle({ error });
    stream.destroy();
  }

  function receive(line: string): void {
    if (line.trim() === "") return;
    const response = readResponse(line);
    if (response.kind === "error" && response.id === null) {
      lose(response.error);
      return;
    }
    const settle =
      response.kind === "stray" || response.id === null ? undefined : pending.get(response.id);
    if (response.kind === "stray" || settle === undefined) {
      strayLines += 1;
      if (strayLines > strayLinesMax)
        lose(protocolError("the node sends lines that answer nothing"));
      return;
    }
    settle(response.kind === "error" ? { error: response.error } : { result: response.result });
  }

  stream.on("data", (chunk: Uint8Array) => {
    try {
      for (const line of splitter.push(chunk)) receive(line);
    } catch (thrown) {
      lose(toSchedcpError(thrown));
    }
  });
  stream.on("error", (cause) => lose(nodeLost("the channel to the node broke", cause)));
  stream.on("end", () => lose(nodeLost("the node closed the channel")));
  stream.on("close", () => lose(nodeLost("the channel to the node was closed")));
  stream.write("\n");

  async function call<M extends NodeMethod>(
    method: M,
    params: NodeParams<M>,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<NodeResult<M>> {
    if (lost !== null) throw lost;
    if (options.signal?.aborted) throw interrupted(method);
    const checked = nodeMethods[method].params.safeParse(params);
    if (!checked.success) throw parametersError(method, checked.error);
    if (pending.size >= requestsMax) throw tooManyRequests();
    const id = nextId++;
    const line = JSON.stringify({ jsonrpc: "2.0", id, method, params: checked.data });
    if (Buffer.byteLength(line) > limits.messageBytesMax) {
      throw new SchedcpError("limit-exceeded", `the request ${method} is too long`, {
        hint: `A message may have ${limits.messageBytesMax} bytes.`,
      });
    }
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs(method, checked.data);
    const result = await new Promise<unknown>((resolve, reject) => {
      const onAbort = () => settle({ error: interrupted(method) });
      const timer = setTimeout(() => settle({ error: noAnswer(method, timeoutMs) }), timeoutMs);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", onAbort);
        pending.delete(id);
        if ("error" in outcome) reject(outcome.error);
        else resolve(outcome.result);
      };
      options.signal?.addEventListener("abort", onAbort, { once: true });
      pending.set(id, settle);
      stream.write(`${line}\n`);
    });
    const answer = nodeMethods[method].result.safeParse(result);
    if (!answer.success) {
      throw protocolError(
        `the node's answer to ${method} has another form: ${misfit(answer.error)}`,
      );
    }
    return answer.data as NodeResult<M>;
  }

  return { call, close: () => lose(nodeLost("this side closed the channel")) };
}

function defaultTimeoutMs(method: NodeMethod, params: unknown): number {
  if (method === "policy.load") return loadTimeoutMs;
  if (method !== "workload.run") return answerTimeoutMs;
  // Set-up has the run's limit again, and clearing away takes a moment.
  return 2 * nodeMethods[method].params.parse(params).timeLimitMs + answerTimeoutMs;
}

// ---------------------------------------------------------------------------------------- server

export interface HandlerContext {
  /** Aborted when the connection ends: whoever asked is gone. */
  signal: AbortSignal;
  /** Runs once the answer has left (powering off, for one). */
  afterReply(effect: () => void): void;
}

export type NodeHandlers = {
  [M in NodeMethod]: (
    params: z.output<(typeof nodeMethods)[M]["params"]>,
    context: HandlerContext,
  ) => Promise<NodeResult<M>>;
};

interface Job {
  id: number;
  method: NodeMethod;
  params: unknown;
  lineChars: number;
}

/** Answered at once, also while another request is being worked on. */
const immediateMethods: ReadonlySet<NodeMethod> = new Set<NodeMethod>([
  "node.describe",
  "policy.status",
  "workload.observe",
  "workload.stop",
]);

/**
 * Answers requests until the stream ends; resolves when nothing of this connection is under way any
 * more. Requests run one after the other, in order, except the immediate ones. Rejects only with an
 * AssertionError of a handler: a programmer's error, on which the daemon is to crash.
 */
export function serveNode(stream: Duplex, handlers: NodeHandlers): Promise<void> {
  const splitter = new LineSplitter(limits.messageBytesMax);
  const ended = new AbortController();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const queue: Job[] = [];
  let queuedChars = 0;
  let queueRuns = false;
  let underWay = 0;
  let strayLines = 0;

  function end(): void {
    if (ended.signal.aborted) return;
    queue.length = 0;
    ended.abort();
    if (underWay === 0) resolve();
  }

  function send(line: string, sent?: () => void): void {
    if (stream.writableLength > limits.messageBytesMax) {
      // Nobody reads the answers: memory stays bounded by giving the connection up.
      stream.destroy();
    }
    if (stream.writable) stream.write(`${line}\n`, sent);
    else sent?.();
  }

  function receive(line: string): void {
    if (ended.signal.aborted || line.trim() === "") return;
    const request = readRequest(line);
    if (request.kind === "refused") {
      send(errorLine(request.id, request.error));
    } else if (request.kind === "stray") {
      strayLines += 1;
      if (strayLines > strayLinesMax) hangUp(protocolError("too many lines that are no requests"));
    } else {
      const { id, method, params } = request;
      accept({ id, method, params, lineChars: line.length });
    }
  }

  function accept(job: Job): void {
    if (immediateMethods.has(job.method) && underWay < requestsMax) {
      void perform(job);
    } else if (
      queue.length >= requestsMax ||
      queuedChars + job.lineChars > limits.messageBytesMax
    ) {
      send(errorLine(job.id, tooManyRequests()));
    } else {
      queue.push(job);
      queuedChars += job.lineChars;
      if (!queueRuns) void performQueued();
    }
  }

  async function performQueued(): Promise<void> {
    queueRuns = true;
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      queuedChars -= job.lineChars;
      await perform(job);
    }
    queueRuns = false;
  }

  async function perform(job: Job): Promise<void> {
    underWay += 1;
    const effects: (() => void)[] = [];
    const context: HandlerContext = {
      signal: ended.signal,
      afterReply: (effect) => effects.push(effect),
    };
    try {
      const line = await answer(handlers, job, context);
      send(line, () => {
        for (const effect of effects) effect();
      });
    } catch (thrown) {
      reject(thrown);
    }
    underWay -= 1;
    if (underWay === 0 && ended.signal.aborted) resolve();
  }

  function hangUp(error: SchedcpError): void {
    send(errorLine(null, error));
    stream.end();
    end();
  }

  stream.on("data", (chunk: Uint8Array) => {
    if (ended.signal.aborted) return;
    try {
      for (const line of splitter.push(chunk)) receive(line);
    } catch (thrown) {
      hangUp(toSchedcpError(thrown));
    }
  });
  stream.on("error", end);
  stream.on("end", end);
  stream.on("close", end);
  return done;
}

/** The answering line. Throws only what is a programmer's error. */
async function answer(handlers: NodeHandlers, job: Job, context: HandlerContext): Promise<string> {
  // The table's type links method, params and result; with the method in a variable the link is lost.
  const handler = handlers[job.method] as (params: unknown, c: HandlerContext) => Promise<unknown>;
  try {
    const result = nodeMethods[job.method].result.parse(await handler(job.params, context));
    const line = JSON.stringify({ jsonrpc: "2.0", id: job.id, result });
    if (Buffer.byteLength(line) <= limits.messageBytesMax) return line;
    throw new SchedcpError("limit-exceeded", `the answer to ${job.method} is too long`, {
      hint: "Ask for less: fewer entries with output, or no trace.",
    });
  } catch (thrown) {
    if (thrown instanceof AssertionError) throw thrown;
    return errorLine(job.id, toSchedcpError(thrown));
  }
}

// ---------------------------------------------------------------------------------------- shared

function tooManyRequests(): SchedcpError {
  return new SchedcpError("busy", "too many requests wait on this connection", {
    hint: "Wait for the answers to the earlier ones, then ask again.",
    details: { requestsMax },
  });
}

function nodeLost(message: string, cause?: unknown): SchedcpError {
  return new SchedcpError("node-lost", message, {
    hint: "The node died or was released; ask for a new one.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function noAnswer(method: NodeMethod, timeoutMs: number): SchedcpError {
  return new SchedcpError("node-lost", `no answer to ${method} within ${timeoutMs} ms`, {
    hint: "The node hangs or is starved by the policy; release it and ask for a new one.",
    details: { method, timeoutMs },
  });
}

function interrupted(method: NodeMethod): SchedcpError {
  return new SchedcpError("interrupted", `${method} was interrupted`, {
    hint: "Run it again to get its result.",
  });
}
