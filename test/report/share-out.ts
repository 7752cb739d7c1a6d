// A small model of CPUs sharing tasks, for the report's fixtures only: plausible timelines and waits
// of the sample workload, by seed. It measures nothing and proves nothing of any scheduler.

import type { Trace } from "../../src/contract/measurement.ts";

export type Random = () => number;

/** Mulberry32: the same seed, the same fixture. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ModelTask {
  entry: number;
  cpuUs: number;
}

interface Queued extends ModelTask {
  pid: number;
  leftUs: number;
  readyUs: number;
}

/** Round robin over one queue a CPU with stealing when idle, or longest job first to the end. */
export function shareOut(
  input: { entries: string[]; tasks: ModelTask[]; cpus: number; policy: "fair" | "longest-first" },
  random: Random,
): Trace {
  const tasks = input.tasks.map(
    (task, index): Queued => ({
      ...task,
      pid: 400 + index,
      leftUs: task.cpuUs,
      readyUs: 0,
    }),
  );
  if (input.policy === "longest-first") tasks.sort((a, b) => b.cpuUs - a.cpuUs);
  const queues = Array.from({ length: input.cpus }, (_, cpu) =>
    input.policy === "fair" ? tasks.filter((_task, index) => index % input.cpus === cpu) : tasks,
  );
  const nowUs = queues.map(() => 300 + random() * 400);
  const timeline: Trace["timeline"] = [];
  const waits = input.entries.map((entry) => ({ entry, buckets: new Array<number>(24).fill(0) }));
  while (queues.some((queue) => queue.length > 0)) {
    const cpu = nowUs.indexOf(Math.min(...nowUs));
    const longest = queues.reduce((a, b) => (b.length > a.length ? b : a));
    const own = queues[cpu] ?? [];
    const task = own.shift() ?? (longest.length > 1 ? longest.pop() : undefined);
    if (task === undefined) {
      nowUs[cpu] = Number.POSITIVE_INFINITY;
      continue;
    }
    const start = Math.max(nowUs[cpu] ?? 0, task.readyUs);
    const slice = input.policy === "fair" ? 2800 + random() * 1400 : task.leftUs;
    const end = start + Math.min(slice, task.leftUs);
    const wait = waits[task.entry]?.buckets;
    const bucket = Math.max(0, Math.floor(Math.log2(Math.max(1, start - task.readyUs))));
    if (wait !== undefined) wait[bucket] = (wait[bucket] ?? 0) + 1;
    timeline.push([cpu, task.entry, task.pid, Math.round(start), Math.round(end)]);
    task.leftUs -= slice;
    task.readyUs = end;
    if (task.leftUs > 0) {
      if (input.policy === "fair") own.push(task);
      else own.unshift(task);
    }
    nowUs[cpu] = end + 4 + random() * 30;
  }
  const makespanMs = Math.max(...timeline.map(([, , , , endUs]) => endUs)) / 1000;
  return { entries: input.entries, waits, timeline, dropped: 0, makespanMs };
}
