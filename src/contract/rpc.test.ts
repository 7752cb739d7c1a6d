import { AssertionError } from "node:assert";
import { type Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { SchedcpError } from "./errors.ts";
import { limits } from "./limits.ts";
import { LineSplitter } from "./lines.ts";
import type { DeploymentStatus, NodeDescription, RunReport } from "./node-protocol.ts";
import { createNodeClient, type NodeHandlers, serveNode } from "./rpc.ts";

const schedExt = { state: "disabled", ops: null, enableSeq: 3, events: {} };
const description: NodeDescription = {
  protocol: 1,
  daemonVersion: "0.1.0",
  kernel: "7.2.12",
  cpus: 2,
  memoryMib: 1024,
  btfSha256: null,
  loaderSha256: null,
  schedExt,
  bootId: "boot",
};
const status: DeploymentStatus = { state: "none", opsName: null, exit: null, schedExt };
const report: RunReport = {
  outcome: "done",
  failure: null,
  makespanMs: 1,
  tasks: [],
  counters: { contextSwitches: 1, runDelayMs: 1, timeslices: 1, idleMs: 1 },
  output: {},
  trace: null,
};

/** Handlers that answer in form; a test puts its own in place of some. */
function handlers(own: Partial<NodeHandlers> = {}): NodeHandlers {
  return {
    "node.describe": async () => description,
    "node.wake": async ({ nonce }) => ({ nonce }),
    "node.missing": async ({ programs }) => ({ missing: programs }),
    "policy.load": async ({ name }) => ({ opsName: name, enableSeq: 1, durationMs: 1 }),
    "policy.start-binary": async ({ name }) => ({
      ...{ opsName: name, enableSeq: 1, durationMs: 1, switchedAll: true },
    }),
    "policy.status": async () => status,
    "policy.unload": async () => status,
    "policy.read-map": async () => ({ data: "" }),
    "workload.run": async () => report,
    "workload.observe": async () => ({ atMs: null, entries: [], disturbances: [] }),
    "workload.stop": async () => ({}),
    "node.power-off": async () => ({}),
    ...own,
  };
}

const run = {
  workload: {
    name: "w",
    run: [{ name: "a", command: "true" }],
    objective: { metric: "makespan", direction: "minimise" as const },
  },
  timeLimitMs: 1000,
  stopAfterMs: null,
  outputOf: [],
  trace: false,
};

const opened: Duplex[] = [];
afterEach(() => {
  for (const stream of opened.splice(0)) stream.destroy();
});

function pair(): [Duplex, Duplex] {
  const ends = duplexPair();
  opened.push(...ends);
  return ends;
}

function connect(own: Partial<NodeHandlers> = {}) {
  const [hostEnd, nodeEnd] = pair();
  const served = serveNode(nodeEnd, handlers(own));
  return { client: createNodeClient(hostEnd), hostEnd, nodeEnd, served };
}

/** Talks to a server in raw lines. */
function rawServer(own: Partial<NodeHandlers> = {}) {
  const [hostEnd, nodeEnd] = pair();
  const served = serveNode(nodeEnd, handlers(own));
  const lines: string[] = [];
  const splitter = new LineSplitter(limits.messageBytesMax);
  let arrived = Promise.withResolvers<void>();
  hostEnd.on("data", (chunk: Uint8Array) => {
    lines.push(...splitter.push(chunk));
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  async function answerTo(id: number | null) {
    for (;;) {
      const found = lines.map((line) => JSON.parse(line)).find((message) => message.id === id);
      if (found !== undefined) return found;
      await arrived.promise;
    }
  }
  return { hostEnd, served, answerTo, lines };
}

const describeLine = (id: number) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method: "node.describe", params: {} })}\n`;

async function failure(promise: Promise<unknown>): Promise<SchedcpError> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof SchedcpError)) throw new Error("no SchedcpError was thrown");
  return thrown;
}

test("a call goes there and its checked result comes back", async () => {
  const { client } = connect();
  expect(await client.call("node.describe", {})).toEqual(description);
  expect(await client.call("node.missing", { programs: ["gcc"] })).toEqual({ missing: ["gcc"] });
});

test("status, describe and stop are answered while a run is under way; others wait their turn", async () => {
  const order: string[] = [];
  const stopped = Promise.withResolvers<void>();
  const { client } = connect({
    "workload.run": async () => {
      await stopped.promise;
      order.push("run");
      return report;
    },
    "policy.unload": async () => {
      order.push("unload");
      return status;
    },
    "workload.stop": async () => {
      stopped.resolve();
      return {};
    },
  });
  const running = client.call("workload.run", run);
  const unloading = client.call("policy.unload", {});
  expect(await client.call("policy.status", {})).toEqual(status);
  expect(await client.call("node.describe", {})).toEqual(description);
  expect(order).toEqual([]);
  await client.call("workload.stop", {});
  await Promise.all([running, unloading]);
  expect(order).toEqual(["run", "unload"]);
});

test("defaults of the workload's schema arrive at the handler", async () => {
  const seen: number[] = [];
  const { client } = connect({
    "workload.run": async ({ workload }) => {
      seen.push(workload.measure.pairs, workload.run.length);
      return report;
    },
  });
  await client.call("workload.run", run);
  expect(seen).toEqual([8, 1]);
});

test("an unknown method and bad parameters are refused by name", async () => {
  const { hostEnd, answerTo } = rawServer();
  hostEnd.write('{"jsonrpc":"2.0","id":1,"method":"node.format","params":{}}\n');
  hostEnd.write('{"jsonrpc":"2.0","id":2,"method":"node.describe","params":{"deep":1}}\n');
  hostEnd.write('{"jsonrpc":"1.0","id":3,"method":"node.describe","params":{}}\n');
  hostEnd.write('{"jsonrpc":"2.0","id":4,"method":"__proto__","params":{}}\n');
  expect((await answerTo(1)).error.message).toContain("node.format");
  expect((await answerTo(2)).error).toMatchObject({ data: { code: "parameter-invalid" } });
  expect((await answerTo(2)).error.message).toContain("deep");
  expect((await answerTo(3)).error.message).toContain("jsonrpc");
  expect((await answerTo(4)).error.message).toContain("__proto__");
});

test("a handler's error keeps its code, hint and flat details", async () => {
  const { client } = connect({
    "policy.unload": async () => {
      throw new SchedcpError("busy", "no \u001b[31mway", {
        hint: "wait",
        details: { log: "end of it", n: 1 },
      });
    },
  });
  const error = await failure(client.call("policy.unload", {}));
  expect(error).toMatchObject({ code: "busy", hint: "wait", details: { log: "end of it", n: 1 } });
  expect(error.message).toBe("no \ufffd[31mway");
});

test("what a handler throws otherwise is an internal fault; a failed assertion ends the server", async () => {
  const { client, served } = connect({
    "policy.unload": async () => {
      throw new TypeError("oops");
    },
    "node.missing": async () => {
      throw new AssertionError({ message: "never" });
    },
  });
  expect((await failure(client.call("policy.unload", {}))).code).toBe("internal");
  client.call("node.missing", { programs: [] }).catch(() => undefined);
  await expect(served).rejects.toThrow("never");
});

test.each([
  ["an unknown code", { code: -1, message: "m", data: { code: "root-shell", hint: "h" } }],
  ["no data", { code: -32601, message: "m" }],
])("an error with %s is a protocol error", async (_, error) => {
  const [hostEnd, nodeEnd] = pair();
  nodeEnd.on("data", (chunk: Buffer) => {
    if (chunk.length < 2) return;
    const { id } = JSON.parse(chunk.toString());
    nodeEnd.write(`${JSON.stringify({ jsonrpc: "2.0", id, error })}\n`);
  });
  const client = createNodeClient(hostEnd);
  expect((await failure(client.call("node.describe", {}))).code).toBe("protocol");
});

test("a result of another form is a protocol error that names where", async () => {
  const [hostEnd, nodeEnd] = pair();
  nodeEnd.on("data", (chunk: Buffer) => {
    if (chunk.length < 2) return;
    const { id } = JSON.parse(chunk.toString());
    nodeEnd.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: { missing: [7] } })}\n`);
  });
  const error = await failure(createNodeClient(hostEnd).call("node.missing", { programs: [] }));
  expect(error.code).toBe("protocol");
  expect(error.message).toContain("missing.0");
});

test("a node that ends, breaks or is closed loses all calls, and the later ones", async () => {
  for (const lose of [
    (node: Duplex) => node.end(),
    (node: Duplex) => node.destroy(),
    (_: Duplex, client: ReturnType<typeof createNodeClient>) => client.close(),
  ]) {
    const [hostEnd, nodeEnd] = pair();
    nodeEnd.resume();
    const client = createNodeClient(hostEnd);
    const call = failure(client.call("node.describe", {}));
    lose(nodeEnd, client);
    expect((await call).code).toBe("node-lost");
    expect((await failure(client.call("node.describe", {}))).code).toBe("node-lost");
  }
});

test("silence is a lost node after the time limit, an abort an interruption", async () => {
  const [hostEnd, nodeEnd] = pair();
  nodeEnd.resume();
  const client = createNodeClient(hostEnd);
  const late = await failure(client.call("node.describe", {}, { timeoutMs: 5 }));
  expect(late).toMatchObject({ code: "node-lost", details: { timeoutMs: 5 } });
  const abort = new AbortController();
  const call = failure(client.call("node.describe", {}, { signal: abort.signal }));
  abort.abort();
  expect((await call).code).toBe("interrupted");
});

test("a client survives the rest of an older answer, and answers to nobody's request", async () => {
  const [hostEnd, nodeEnd] = pair();
  nodeEnd.write('t":{"state":"none"}}\n\n{"jsonrpc":"2.0","id":1,"result":{}}\n');
  void serveNode(nodeEnd, handlers());
  expect(await createNodeClient(hostEnd).call("node.describe", {})).toEqual(description);
});

test("a client gives up on endless junk", async () => {
  const [hostEnd, nodeEnd] = pair();
  nodeEnd.resume();
  const client = createNodeClient(hostEnd);
  const call = failure(client.call("node.describe", {}));
  nodeEnd.write("junk\n".repeat(100));
  expect((await call).code).toBe("protocol");
});

test("the end of a connection aborts what is under way, and then the server is done", async () => {
  const started = Promise.withResolvers<void>();
  let aborted = false;
  const { client, served } = connect({
    "workload.run": (_, { signal }) =>
      new Promise((_resolve, reject) => {
        started.resolve();
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(new SchedcpError("interrupted", "gone", { hint: "" }));
        });
      }),
  });
  client.call("workload.run", run).catch(() => undefined);
  await started.promise;
  client.close();
  await served;
  expect(aborted).toBe(true);
});

test("an effect after the reply comes after the reply", async () => {
  const order: string[] = [];
  const { promise: off, resolve } = Promise.withResolvers<void>();
  const { client } = connect({
    "node.power-off": async (_, { afterReply }) => {
      afterReply(() => {
        order.push("off");
        resolve();
      });
      order.push("answer");
      return {};
    },
  });
  await client.call("node.power-off", {});
  await off;
  expect(order).toEqual(["answer", "off"]);
});

test("a waiting queue is bounded on both sides", async () => {
  const never = Promise.withResolvers<never>();
  const { hostEnd, answerTo } = rawServer({ "workload.run": () => never.promise });
  for (let id = 1; id <= 40; id++) {
    hostEnd.write(
      `${JSON.stringify({ jsonrpc: "2.0", id, method: "workload.run", params: run })}\n`,
    );
  }
  expect((await answerTo(40)).error.data.code).toBe("busy");
  const [ours, theirs] = pair();
  theirs.resume();
  const client = createNodeClient(ours);
  const calls = Array.from({ length: 17 }, () => failure(client.call("node.describe", {})));
  expect((await calls.at(-1))?.code).toBe("busy");
  client.close();
  await Promise.all(calls);
});

test("an oversized line is answered with an error, and the connection closed", async () => {
  const { hostEnd, served, answerTo } = rawServer();
  const chunk = Buffer.alloc(1024 * 1024, 0x61);
  for (let sent = 0; sent <= limits.messageBytesMax; sent += chunk.length) hostEnd.write(chunk);
  expect((await answerTo(null)).error.data.code).toBe("limit-exceeded");
  await served;
  const [ours, theirs] = pair();
  const client = createNodeClient(ours);
  const call = failure(client.call("node.describe", {}));
  for (let sent = 0; sent <= limits.messageBytesMax; sent += chunk.length) theirs.write(chunk);
  expect((await call).code).toBe("limit-exceeded");
}, 60_000);

/** Bytes with newlines and pieces of JSON in them, so that the parser's inside is reached. */
const junk = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .constantFrom(
          '{"jsonrpc":"2.0","id":9,"method":"node.describe","params":',
          '{"jsonrpc":"2.0","id":null}',
          '{"id":9}',
          '"',
          "\n",
          "\r\n",
          "\u0000",
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts));

test("property: whatever comes before, a request after an empty line is answered", async () => {
  await fc.assert(
    fc.asyncProperty(junk, fc.integer({ min: 1, max: 200 }), async (bytes, cut) => {
      const { hostEnd, answerTo, served } = rawServer();
      for (let at = 0; at < bytes.length; at += cut) hostEnd.write(bytes.subarray(at, at + cut));
      hostEnd.write(`\n${describeLine(77_777)}`);
      const strayLines = bytes.toString().split("\n").length;
      if (strayLines <= 64) expect((await answerTo(77_777)).result).toEqual(description);
      hostEnd.destroy();
      await served;
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("property: a client never throws outside a call, whatever the node says", async () => {
  await fc.assert(
    fc.asyncProperty(junk, async (bytes) => {
      const [hostEnd, nodeEnd] = pair();
      nodeEnd.resume();
      const client = createNodeClient(hostEnd);
      const call = failure(client.call("node.describe", {}));
      nodeEnd.end(bytes);
      expect(["node-lost", "protocol"]).toContain((await call).code);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("property: lines come out as they went in, however cut, and memory stays bounded", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "\ud83d\ude00", " "), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), (lines, cut) => {
      const splitter = new LineSplitter(80);
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const out: string[] = [];
      for (let at = 0; at < bytes.length; at += cut) {
        out.push(...splitter.push(bytes.subarray(at, at + cut)));
        expect(splitter.pendingBytes).toBeLessThanOrEqual(80);
      }
      expect(out).toEqual(lines);
    }),
  );
  const splitter = new LineSplitter(8);
  expect(() => [...splitter.push(Buffer.from("ok\n123456789"))]).toThrow(SchedcpError);
  expect(splitter.pendingBytes).toBe(0);
});
