// The comparison itself, on made-up records: it finds what differs, and takes timing for timing.

import { expect, test } from "vitest";
import type { OpName } from "../../src/simulator/core/policy-ops.ts";
import {
  compareSequences,
  median,
  symbolOf,
  type TaskRun,
  taskRuns,
  verdictOf,
} from "./compare.ts";
import { recordedSource } from "./recorded-source.ts";
import { type CallRecord, readRecords } from "./records.ts";

function record(op: OpName, more: Partial<CallRecord> = {}): CallRecord {
  return { timeNs: 0, flags: 0n, pid: 7, cpu: 0, op, queued: false, comm: "f-hog", ...more };
}

function run(...ops: OpName[]): TaskRun {
  return new Map([["f-hog", [ops.map((op) => record(op))]]]);
}

const short: OpName[] = ["init_task", "running", "stopping", "quiescent"];
const sliced: OpName[] = ["init_task", "running", "stopping", "enqueue", "running", "stopping"];

test("equal where both go the same ways, however often", () => {
  const twice = run(...short, "runnable", "running", "stopping", "quiescent");
  const once = run(...short, "runnable", "running");
  expect(compareSequences([once], [twice])).toMatchObject({ equal: true, missing: [] });
});

test("a step that the guest always takes and the simulator never does is missing", () => {
  const found = compareSequences([run(...sliced), run(...sliced)], [run(...short)]);
  expect(found.equal).toBe(false);
  expect(found.missing).toEqual(["f-hog: enqueue → running", "f-hog: stopping → enqueue"]);
  expect(found.invented).toEqual(["f-hog: stopping → quiescent"]);
});

test("a step that is taken now and then is no difference, and is told", () => {
  const found = compareSequences([run(...short), run(...sliced, "quiescent")], [run(...short)]);
  expect(found).toMatchObject({ equal: true });
  expect(found.rare).toContain("f-hog: stopping → enqueue");
});

test("what one task does in the guest and another in the simulator is timing", () => {
  const both = (hog: OpName[], nap: OpName[]): TaskRun =>
    new Map([...run(...hog), ["f-nap", [nap.map((op) => record(op, { comm: "f-nap" }))]]]);
  const [one, other] = [both(short, sliced), both(sliced, short)];
  expect(compareSequences([one], [other])).toMatchObject({ equal: true, missing: [] });
});

test("the beginning of a task is compared as a whole", () => {
  const other = run("init_task", "enable", "running", "stopping", "quiescent");
  expect(compareSequences([run(...short)], [other]).missing).toContain(
    "f-hog: ^ init_task running",
  );
});

test("the records of several runs are cut at each f-main", () => {
  const records = [
    record("stopping", { pid: 10, comm: "f-main" }),
    record("init_task", { pid: 11, comm: "f-main" }),
    record("running", { pid: 11 }),
    record("update_idle", { pid: 0 }),
    record("stopping", { pid: 20, comm: "f-main" }),
    record("running", { pid: 22 }),
    record("running", { pid: 21, comm: "f-nap" }),
  ];
  const runs = taskRuns(records);
  expect(runs.map((each) => [...each.keys()].sort())).toEqual([["f-hog"], ["f-hog", "f-nap"]]);
  expect(runs[0]?.get("f-hog")?.[0]?.map(({ op }) => op)).toEqual(["init_task", "running"]);
});

test("who is taken off a CPU and comes next there again has resumed", () => {
  const off = record("stopping", { flags: 1n });
  const other = record("running", { pid: 8, comm: "f-nap" });
  const again = record("running");
  const symbols = (records: CallRecord[]) => taskRuns(records)[0]?.get("f-hog")?.[0]?.map(symbolOf);
  expect(symbols([off, again])).toEqual(["stopping(runnable)", "running(resumed)"]);
  expect(symbols([off, other, again])).toEqual(["stopping(runnable)", "running"]);
  expect(symbols([off, record("running", { cpu: 1 })])).toEqual(["stopping(runnable)", "running"]);
});

test("flags become part of the name where a policy can see them", () => {
  expect(symbolOf(record("enqueue", { flags: 0x100009n }))).toBe("enqueue(wakeup)");
  expect(symbolOf(record("enqueue", { flags: 1n << 41n }))).toBe("enqueue(last)");
  expect(symbolOf(record("select_cpu", { flags: 0x18n }))).toBe("select_cpu(sync)");
  expect(symbolOf(record("quiescent", { flags: 0x20000000en }))).toBe("quiescent");
  expect(symbolOf(record("dispatch", { queued: true }))).toBe("dispatch(runnable)");
});

test("words are compared without the numbers of one run", () => {
  const stall = (message: string) => verdictOf({ reason: "runnable task stall", message }).text;
  expect(stall("f-nap[242] failed to run for 1.404s")).toBe(
    stall("f-nap[1004] failed to run for 1.500s"),
  );
  expect(stall("f-nap[242] failed to run for 1.404s")).not.toBe(
    stall("f-hog[242] failed to run for 1.404s"),
  );
  expect(verdictOf({ reason: "runtime error", message: "non-existent DSQ 0x3039" })).toEqual({
    kind: "error",
    text: "runtime error: non-existent DSQ 0x3039",
  });
  expect(verdictOf({ reason: "unregistered from BPF", message: "enough" }).text).toBe(
    "unregistered from BPF",
  );
});

test("records are read as the header lays them out; lost ones are an error", () => {
  const bytes = new Uint8Array(8 + 2 * 40);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 1n, true);
  view.setBigUint64(8, 123n, true);
  view.setBigUint64(16, 9n, true);
  view.setInt32(24, 42, true);
  view.setUint16(28, 1, true);
  view.setUint8(30, 8);
  view.setUint8(31, 1);
  bytes.set(Buffer.from("f-nap\0"), 32);
  expect(readRecords(bytes)).toEqual([
    { timeNs: 123, flags: 9n, pid: 42, cpu: 1, op: "quiescent", queued: true, comm: "f-nap" },
  ]);
  view.setBigUint64(0, 3n, true);
  expect(() => readRecords(bytes)).toThrow("3 callbacks, 2 were recorded");
});

test("only ops that notify are added, and only where they are missing", () => {
  const source =
    "void BPF_STRUCT_OPS(x_running) {}\nSCX_OPS_DEFINE(x_ops, .running = (void *)x_running);";
  const recorded = recordedSource(source);
  expect(recorded).toContain(".stopping = (void *)recorded_stopping,");
  expect(recorded).not.toContain("recorded_running");
  expect(recorded).not.toMatch(/recorded_(select_cpu|enqueue|dispatch|yield|tick)/);
});

test("the median of an even number lies between the middle ones", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
