// A recording of a small made-up run, for tests of what is drawn and written from recordings: tasks of a
// few entries share CPUs round by round. No model of any scheduler. Imported by tests alone.

import { Recorder, type Recording } from "../../src/simulator/report/recorder.ts";

export interface ToyRun {
  label: string;
  cpus: number;
  /** Entry, number of tasks, ms of work each. */
  entries: readonly (readonly [string, number, number])[];
  sliceMs: number;
  entriesMax?: number;
}

const nsPerMs = 1e6;

export function toyRun({ label, cpus, entries, sliceMs, entriesMax }: ToyRun): Recording {
  const recorder = new Recorder((spec) => entries[spec]?.[0] ?? "", entriesMax);
  const queue: { task: number; leftMs: number }[] = [];
  for (const [spec, [entry, count, workMs]] of entries.entries()) {
    for (let instance = 0; instance < count; instance++) {
      const task = queue.length;
      const comm = `${entry}-${instance}`.slice(0, 15);
      const start = { spec, instance, pid: 100 + task, comm, weight: 100, cpus: [0] };
      recorder.taskStarted(0, task, start);
      recorder.woken(0, task);
      queue.push({ task, leftMs: workMs });
    }
  }
  let nowMs = 0;
  for (; queue.length > 0; nowMs += sliceMs) {
    const running = queue.splice(0, cpus);
    for (const [cpu, { task }] of running.entries()) {
      recorder.kicked(nowMs * nsPerMs, cpu, cpu % 2 === 1);
      recorder.running(nowMs * nsPerMs, task, cpu);
    }
    for (const [cpu, each] of running.entries()) {
      const endNs = (nowMs + sliceMs) * nsPerMs;
      each.leftMs -= sliceMs;
      recorder.stopped(endNs, each.task, cpu, each.leftMs > 0);
      if (each.leftMs > 0) queue.push(each);
      else recorder.taskExited(endNs, each.task);
    }
  }
  return recorder.finish({
    label,
    cpus,
    endNs: nowMs * nsPerMs,
    makespanNs: nowMs * nsPerMs,
    finished: true,
  });
}
