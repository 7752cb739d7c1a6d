import { describe, expect, test } from "vitest";
import { toyRun } from "../../../test/doubles/toy-run.ts";
import { Recorder, type Spans } from "./recorder.ts";

const start = (pid: number) => ({
  spec: 0,
  instance: 0,
  pid,
  comm: "a",
  weight: 100,
  cpus: [0, 1],
});

function rows(spans: Spans): number[][] {
  return Array.from(spans.task, (task, row) => [
    task,
    spans.cpu[row] ?? Number.NaN,
    spans.startNs[row] ?? Number.NaN,
    spans.endNs[row] ?? Number.NaN,
  ]);
}

describe("a recording", () => {
  test("has who ran and who waited, with moves, to the end of the run", () => {
    const recorder = new Recorder(() => "entry");
    recorder.taskStarted(0, 0, start(1));
    recorder.woken(5, 0);
    recorder.running(10, 0, 0);
    recorder.stopped(30, 0, 0, true);
    recorder.running(40, 0, 1);
    recorder.stopped(50, 0, 1, false);
    recorder.woken(70, 0);
    const recording = recorder.finish({
      label: "p",
      cpus: 2,
      endNs: 100,
      makespanNs: 100,
      finished: true,
    });
    expect(rows(recording.running)).toEqual([
      [0, 0, 10, 30],
      [0, 1, 40, 50],
    ]);
    expect(rows(recording.waiting)).toEqual([
      [0, -1, 5, 10],
      [0, 0, 30, 40],
      // Still waiting when the run ended: a starved task must not look content.
      [0, 1, 70, 100],
    ]);
    expect(Array.from(recording.marks.ns)).toEqual([40]);
    expect(recording).toMatchObject({ cut: false, endNs: 100, exit: null });
  });

  test("stops at its limit, says up to when it knows, and holds nothing later", () => {
    const whole = toyRun({ label: "p", cpus: 2, entries: [["a", 9, 40]], sliceMs: 2 });
    const cut = toyRun({
      label: "p",
      cpus: 2,
      entries: [["a", 9, 40]],
      sliceMs: 2,
      entriesMax: 100,
    });
    expect(whole.cut).toBe(false);
    expect(cut.cut).toBe(true);
    expect(cut.endNs).toBeGreaterThan(0);
    expect(cut.endNs).toBeLessThan(whole.endNs);
    const entries = cut.tasks.length + cut.running.task.length + cut.waiting.task.length;
    expect(entries + cut.marks.kind.length).toBeLessThanOrEqual(100 + 2 * cut.tasks.length);
    expect(Math.max(...cut.running.endNs, ...cut.waiting.endNs, ...cut.marks.ns)).toBe(cut.endNs);
  });

  test("keeps the first cause of an exit", () => {
    const recorder = new Recorder(() => "entry");
    recorder.exited(7, { kind: 1026, code: 0, reason: "runnable task stall", message: "a" });
    recorder.exited(9, { kind: 64, code: 0, reason: "unregistered", message: "" });
    const { exit } = recorder.finish({
      label: "p",
      cpus: 1,
      endNs: 9,
      makespanNs: 9,
      finished: true,
    });
    expect(exit).toMatchObject({ kind: 1026, ns: 7 });
  });

  test("follows the lengths of the policy's queues, not of local ones", () => {
    const recorder = new Recorder(() => "entry");
    for (const task of [0, 1]) recorder.taskStarted(0, task, start(task));
    recorder.queued(1, 0, 7, 0);
    recorder.queued(2, 1, 7, 0);
    recorder.queued(3, 0, 0, 0xc000_0000);
    recorder.running(4, 0, 0);
    recorder.queued(5, 1, 1, 0x8000_0000);
    recorder.running(6, 1, 0);
    const { queues } = recorder.finish({
      label: "p",
      cpus: 1,
      endNs: 9,
      makespanNs: 9,
      finished: true,
    });
    expect(queues.names).toEqual(["DSQ 0x7", "global DSQ"]);
    const changes = Array.from(queues.ns, (ns, row) => [ns, queues.queue[row], queues.length[row]]);
    expect(changes).toEqual([
      [1, 0, 1],
      [2, 0, 2],
      [3, 0, 1],
      [5, 0, 0],
      [5, 1, 1],
      [6, 1, 0],
    ]);
  });
});
