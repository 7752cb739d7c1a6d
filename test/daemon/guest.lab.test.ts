// The node daemon with its real native programs on a real kernel, in a guest of the lab: what the
// unit tests' scripted loader stands for is held against the kernel here.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SchedcpError } from "../../src/contract/errors.ts";
import type { NodeLease } from "../../src/contract/node.ts";
import type { NodeConnection, NodeParams } from "../../src/contract/node-protocol.ts";
import { Cache, cacheRoot } from "../../src/lab/cache.ts";
import { findClang } from "../../src/lab/clang.ts";
import { ensureImage } from "../../src/lab/image.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
const objects = new Map<string, Buffer>();
let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(request, () => undefined);
  const image = await ensureImage(new Cache(cacheRoot()), () => undefined);
  const tools = findClang();
  if (tools === null) throw new Error("no clang: run `schedcp setup`");
  const directory = await mkdtemp(join(tmpdir(), "schedcp-daemon-test-"));
  for (const name of ["hinted", "forgets-gzip"]) {
    const source = fileURLToPath(new URL(`policies/${name}.bpf.c`, import.meta.url));
    const target = join(directory, `${name}.bpf.o`);
    const flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86"];
    const dialect = ["-fms-extensions", "-Wno-microsoft-anon-tag"];
    const include = ["-Wno-everything", "-I", dirname(image.vmlinuxHeader)];
    await promisify(execFile)(tools.clang, [
      ...flags,
      ...dialect,
      ...include,
      "-c",
      source,
      "-o",
      target,
    ]);
    await promisify(execFile)(tools.llvmStrip, ["-g", target]);
    objects.set(name, await readFile(target));
  }
  await rm(directory, { recursive: true });
}, 600_000);
afterAll(() => lab.close());

/** A fresh guest; another one where the emulator, not the policy, killed it. */
async function inGuest(use: (node: NodeConnection, lease: NodeLease) => Promise<void>) {
  for (let retries = 2; ; retries--) {
    const lease = await lab.lease(request);
    try {
      return await use(lease.connection, lease);
    } catch (thrown) {
      if (retries === 0 || (await lease.causeOfDeath())?.kind !== "emulator") throw thrown;
    } finally {
      await lease.release();
    }
  }
}

function policy(name: string, more: Partial<NodeParams<"policy.load">> = {}) {
  const object = objects.get(name) ?? Buffer.alloc(0);
  return {
    name,
    object: object.toString("base64"),
    sha256: createHash("sha256").update(object).digest("hex"),
    knobs: {},
    hints: {},
    imposed: { timeoutMs: 4000, partial: false },
    ...more,
  };
}

const twoKinds: NodeParams<"workload.run">["workload"] = {
  name: "two-kinds-of-jobs",
  setup: [{ command: "seq 1 20000 > small.txt" }, { command: "seq 1 200000 > large.txt" }],
  run: [
    { name: "short", count: 20, command: "gzip -9 -c small.txt" },
    { name: "long", command: "gzip -9 -c large.txt" },
  ],
  objective: { metric: "makespan", direction: "minimise" },
};

function command(text: string): NodeParams<"workload.run">["workload"] {
  return {
    name: "one",
    run: [{ name: "only", command: text }],
    objective: { metric: "makespan", direction: "minimise" },
  };
}

function run(
  workload: NodeParams<"workload.run">["workload"],
  more: Partial<NodeParams<"workload.run">> = {},
) {
  return { workload, timeLimitMs: 60_000, stopAfterMs: null, outputOf: [], trace: false, ...more };
}

async function failure(promise: Promise<unknown>): Promise<SchedcpError> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof SchedcpError)) throw new Error("no SchedcpError was thrown");
  return thrown;
}

test(
  "a policy loads, is reported live while the workload runs, and leaves when told",
  () =>
    inGuest(async (node) => {
      const hints = { long: 3000, short: 100 };
      const loaded = await node.call("policy.load", policy("hinted", { hints }));
      expect(loaded.opsName).toBe("hinted");
      const second = await failure(node.call("policy.load", policy("hinted")));
      expect(second).toMatchObject({ code: "busy" });
      expect(second.message).toContain("hinted");
      for (const time of ["first", "again, in the cgroups that the hints name"]) {
        const running = node.call("workload.run", run(twoKinds));
        expect(await node.call("policy.status", {}), time).toMatchObject({
          state: "live",
          opsName: "hinted",
          schedExt: { state: "enabled", ops: "hinted", enableSeq: loaded.enableSeq },
        });
        const report = await running;
        expect(report).toMatchObject({ outcome: "done", failure: null });
        expect(report.tasks.length).toBe(21);
        // Known to be the longest, it hardly waits, though 20 others want the 2 CPUs.
        const long = report.tasks.find((task) => task.entry === "long");
        expect((long?.waitMs ?? Infinity) / (long?.endMs ?? 1)).toBeLessThan(0.25);
      }
      const ended = await node.call("policy.unload", {});
      expect(ended).toMatchObject({ state: "ended", exit: { kind: 64 } });
      expect(ended.schedExt).toMatchObject({ state: "disabled", ops: null });
    }),
  180_000,
);

test(
  "a policy that loses tasks is ejected, and the status has the kernel's words",
  () =>
    inGuest(async (node) => {
      await node.call("policy.load", policy("forgets-gzip"));
      const report = await node.call("workload.run", run(twoKinds));
      // The kernel's default took over in the middle of the run.
      expect(report.outcome).toBe("done");
      const { state, exit } = await node.call("policy.status", {});
      expect(state).toBe("ended");
      expect(exit).toMatchObject({ kind: 1026, reason: "runnable task stall" });
      expect(exit?.message).toMatch(/^gzip\[\d+\] failed to run for \d+\.\d+s$/);
    }),
  180_000,
);

test(
  "a policy's memory can be read while it is live and after its ejection, and nothing else",
  () =>
    inGuest(async (node) => {
      const read = (name: string, bytesMax: number) =>
        node.call("policy.read-map", { name, bytesMax });
      expect(await failure(read("slice_us", 8))).toMatchObject({ code: "not-found" });
      await node.call("policy.load", policy("hinted", { knobs: { slice_us: 20_001 } }));
      const { data } = await read("slice_us", 8);
      expect(Buffer.from(data, "base64").readBigUInt64LE()).toBe(20_001n);
      expect(await failure(read("slice_us", 7))).toMatchObject({ code: "limit-exceeded" });
      // A hash map, its ops, and a name that it has not.
      for (const name of ["hints", "hinted_ops", "nothing"]) {
        expect(await failure(read(name, 4096)), name).toMatchObject({ code: "not-found" });
      }
      expect((await node.call("policy.status", {})).state).toBe("live");
      await node.call("policy.unload", {});
      expect(await failure(read("slice_us", 8))).toMatchObject({ code: "not-found" });

      await node.call("policy.load", policy("forgets-gzip"));
      await node.call("workload.run", run(twoKinds));
      expect((await node.call("policy.status", {})).state).toBe("ended");
      const left = Buffer.from((await read("forgotten", 8)).data, "base64");
      expect(Number(left.readBigUInt64LE())).toBeGreaterThanOrEqual(1);
      // The next one takes its place.
      await node.call("policy.load", policy("hinted"));
      expect(await failure(read("forgotten", 8))).toMatchObject({ code: "not-found" });
    }),
  180_000,
);

test(
  "what the kernel or the object refuses is told by its cause",
  () =>
    inGuest(async (node) => {
      const knob = node.call("policy.load", policy("hinted", { knobs: { slice_ms: 5 } }));
      expect(await failure(knob)).toMatchObject({ code: "parameter-invalid" });
      const bytes = Buffer.from("no object at all");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const junk = policy("hinted", { object: bytes.toString("base64"), sha256 });
      expect(await failure(node.call("policy.load", junk))).toMatchObject({
        code: "load-rejected",
      });
      const other = policy("hinted", { sha256: "0".repeat(64) });
      expect(await failure(node.call("policy.load", other))).toMatchObject({
        code: "policy-invalid",
      });
      expect((await node.call("policy.status", {})).state).toBe("none");
    }),
  120_000,
);

test(
  "failing, hanging and flooding commands each have a clear end, and leave nothing",
  () =>
    inGuest(async (node) => {
      const failing = run(command("echo out; echo why >&2; exit 3"), { outputOf: ["only"] });
      expect(await node.call("workload.run", failing)).toMatchObject({
        outcome: "failed",
        failure: { entry: "only", exitCode: 3, stderrTail: "why\n" },
        output: { only: ["out\n"] },
      });
      const setUp = { ...command("true"), setup: [{ command: "true" }, { command: "exit 9" }] };
      expect(await node.call("workload.run", run(setUp))).toMatchObject({
        outcome: "failed",
        failure: { entry: "setup", index: 1, exitCode: 9 },
      });
      const hanging = run(command("sleep 100 & sleep 100"), { timeLimitMs: 500 });
      expect((await node.call("workload.run", hanging)).outcome).toBe("timed-out");
      const flooding = run(command("yes | head -c 50000000"), { outputOf: ["only"] });
      const { outcome, output } = await node.call("workload.run", flooding);
      expect([outcome, output.only?.[0]?.length]).toEqual(["done", 65536]);
      const greedy = "node -e 'const a=[];for(;;)a.push(Buffer.alloc(5e7,1))'";
      const hungry = await node.call("workload.run", run(command(greedy)));
      expect(hungry.failure?.stderrTail).toContain("memory ran out");
      const endless = failure(node.call("workload.run", run(command("sleep 100"))));
      await node.call("workload.stop", {});
      expect((await endless).code).toBe("interrupted");
      const look = run(command("ls /work; id -u; cat /proc/self/cgroup"), { outputOf: ["only"] });
      expect((await node.call("workload.run", look)).output.only).toEqual([
        expect.stringMatching(/^\d+\n1000\n0::\/schedcp-workload\/only\n$/),
      ]);
    }),
  120_000,
);

test(
  "a traced run has waits and a timeline by entry",
  () =>
    inGuest(async (node) => {
      const { trace } = await node.call("workload.run", run(twoKinds, { trace: true }));
      expect(trace?.entries).toEqual(["short", "long"]);
      expect(trace?.waits.map(({ buckets }) => buckets.some((count) => count > 0))).toEqual([
        true,
        true,
      ]);
      expect(new Set(trace?.timeline.map(([cpu]) => cpu))).toEqual(new Set([0, 1]));
      expect(new Set(trace?.timeline.map(([, entry]) => entry))).toEqual(new Set([0, 1]));
      const endUs = (trace?.makespanMs ?? 0) * 1000;
      for (const [, , , from, to] of trace?.timeline ?? []) {
        expect(from >= 0 && from < to && to <= endUs).toBe(true);
      }
    }),
  180_000,
);
