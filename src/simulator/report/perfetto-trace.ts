// A recording in the Chrome trace-event format (JSON), which ui.perfetto.dev and chrome://tracing open:
// a track per CPU with who ran, a track per task with its state, moments, and a counter of who waits.
// Format: "Trace Event Format" (Chromium project). Names are data: JSON.stringify escapes them. Pure.

import { markKinds, type Recording, type Spans } from "./recorder.ts";

/** Beyond so many events the later ones are left out: ui.perfetto.dev loads some 50 MB without trouble. */
export const traceEventsMax = 400_000;

interface TraceEvent {
  name: string;
  cat?: string;
  ph: "X" | "i" | "C" | "M";
  /** Microseconds, to the nanosecond. */
  ts?: number;
  dur?: number;
  pid: number;
  tid?: number;
  /** Scope of a moment: thread, process or global. */
  s?: "t" | "p" | "g";
  args?: Record<string, string | number>;
}

export interface PerfettoTrace {
  json: string;
  events: number;
  /** Why not all is in it, in words; null where it is whole. */
  cutNote: string | null;
}

/**
 * Each recording gives two groups of tracks: its CPUs and its tasks. Events are in order of time, so
 * that a cut keeps the beginning of everything. Process ids in it are made up.
 */
export function perfettoTrace(
  recordings: readonly Recording[],
  about: Record<string, string | number>,
  eventsMax: number = traceEventsMax,
): PerfettoTrace {
  const names = recordings.flatMap((recording, index) => trackNames(recording, index));
  const events = recordings.flatMap((recording, index) => recordingEvents(recording, index));
  events.sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0));
  const kept = events.slice(0, Math.max(0, eventsMax - names.length));
  const cutNote = noteOfCut(recordings, kept, events.length);
  const other = { ...about, ...(cutNote === null ? {} : { cut: cutNote }) };
  const lines = [...names, ...kept].map((event) => JSON.stringify(event));
  const json = `{"displayTimeUnit":"ms","otherData":${JSON.stringify(other)},"traceEvents":[\n${lines.join(",\n")}\n]}\n`;
  return { json, events: lines.length, cutNote };
}

function noteOfCut(
  recordings: readonly Recording[],
  kept: readonly TraceEvent[],
  events: number,
): string | null {
  const last = kept.at(-1);
  if (kept.length < events && last?.ts !== undefined) {
    return `only the first ${(last.ts / 1000).toFixed(1)} ms are in it: ${events - kept.length} events did not fit`;
  }
  const cut = recordings.filter((recording) => recording.cut);
  if (cut.length === 0) return null;
  return cut
    .map(
      ({ label, endNs }) => `of ${label}, only the first ${(endNs / 1e6).toFixed(1)} ms are in it`,
    )
    .join("; ");
}

const cpusOf = (index: number): number => 2 * index + 1;
const tasksOf = (index: number): number => 2 * index + 2;
/** Track of a task: 0 is the process's own in this format. */
const tidOf = (task: number): number => task + 1;

function trackNames(recording: Recording, index: number): TraceEvent[] {
  const { label, cpus, tasks } = recording;
  const named = (pid: number, name: string, sort: number): TraceEvent[] => [
    { name: "process_name", ph: "M", pid, args: { name } },
    { name: "process_sort_index", ph: "M", pid, args: { sort_index: sort } },
  ];
  const track = (pid: number, tid: number, name: string): TraceEvent[] => [
    { name: "thread_name", ph: "M", pid, tid, args: { name } },
    { name: "thread_sort_index", ph: "M", pid, tid, args: { sort_index: tid } },
  ];
  const title = label === "default" ? "default scheduler (EEVDF model)" : label;
  return [
    ...named(cpusOf(index), `CPUs under ${title}`, 2 * index),
    ...Array.from({ length: cpus }, (_, cpu) => track(cpusOf(index), tidOf(cpu), `CPU ${cpu}`)),
    ...named(tasksOf(index), `Tasks under ${title}`, 2 * index + 1),
    ...tasks.map((task, number) =>
      track(tasksOf(index), tidOf(number), `${task.comm} (${task.entry})`),
    ),
  ].flat();
}

function recordingEvents(recording: Recording, index: number): TraceEvent[] {
  const { running, waiting, tasks } = recording;
  const events: TraceEvent[] = [];
  for (let row = 0; row < running.task.length; row++) {
    const task = running.task[row] ?? 0;
    const cpu = running.cpu[row] ?? 0;
    const known = tasks[task];
    const args = { pid: known?.pid ?? 0, entry: known?.entry ?? "", weight: known?.weight ?? 0 };
    const times = timesOf(running, row);
    const name = known?.comm ?? `task ${task}`;
    events.push({ name, cat: "cpu", ph: "X", ...times, pid: cpusOf(index), tid: tidOf(cpu), args });
    events.push({ ...stateOf("running", task, index), ...times, args: { cpu } });
  }
  for (let row = 0; row < waiting.task.length; row++) {
    const task = waiting.task[row] ?? 0;
    events.push({ ...stateOf("runnable", task, index), ...timesOf(waiting, row) });
  }
  for (const { task, startNs, endNs } of sleeps(recording)) {
    const times = { ts: startNs / 1000, dur: (endNs - startNs) / 1000 };
    events.push({ ...stateOf("sleeping", task, index), ...times });
  }
  return [
    ...events,
    ...moments(recording, index),
    ...waitingCounter(waiting, index),
    ...queueCounters(recording, index),
  ];
}

function stateOf(name: string, task: number, index: number): TraceEvent {
  return { name, cat: "state", ph: "X", pid: tasksOf(index), tid: tidOf(task) };
}

function timesOf(spans: Spans, row: number): { ts: number; dur: number } {
  const startNs = spans.startNs[row] ?? 0;
  return { ts: startNs / 1000, dur: ((spans.endNs[row] ?? startNs) - startNs) / 1000 };
}

/** A task that lives, and neither runs nor wants to, sleeps: the gaps between its spans. */
function sleeps(recording: Recording): { task: number; startNs: number; endNs: number }[] {
  const { running, waiting, tasks, endNs } = recording;
  const active: { startNs: number; endNs: number }[][] = tasks.map(() => []);
  for (const spans of [running, waiting]) {
    for (let row = 0; row < spans.task.length; row++) {
      const list = active[spans.task[row] ?? 0];
      list?.push({ startNs: spans.startNs[row] ?? 0, endNs: spans.endNs[row] ?? 0 });
    }
  }
  return tasks.flatMap((known, task) => {
    const gaps: { task: number; startNs: number; endNs: number }[] = [];
    let free = known.startNs;
    const untilNs = known.exitNs < 0 ? endNs : known.exitNs;
    const spans = (active[task] ?? []).sort((a, b) => a.startNs - b.startNs);
    for (const span of [...spans, { startNs: untilNs, endNs: untilNs }]) {
      if (span.startNs > free) gaps.push({ task, startNs: free, endNs: span.startNs });
      free = Math.max(free, span.endNs);
    }
    return gaps;
  });
}

function moments(recording: Recording, index: number): TraceEvent[] {
  const { marks, exit, tasks } = recording;
  const events: TraceEvent[] = [];
  for (let row = 0; row < marks.kind.length; row++) {
    const kind = markKinds[marks.kind[row] ?? 0] ?? "migration";
    const [task, cpu] = [marks.task[row] ?? -1, marks.cpu[row] ?? -1];
    const ts = (marks.ns[row] ?? 0) / 1000;
    const onTask = kind === "task-exit" || kind === "migration";
    const place = onTask
      ? { pid: tasksOf(index), tid: tidOf(task) }
      : { pid: cpusOf(index), tid: tidOf(cpu) };
    const args =
      kind === "migration" ? { to_cpu: cpu } : onTask ? { comm: tasks[task]?.comm ?? "" } : {};
    events.push({ name: kind, cat: "moment", ph: "i", s: "t", ts, ...place, args });
  }
  if (exit !== null) {
    events.push({
      name: `scheduler exit: ${exit.reason}`,
      cat: "moment",
      ph: "i",
      s: "g",
      ts: exit.ns / 1000,
      pid: cpusOf(index),
      tid: tidOf(0),
      args: { kind: exit.kind, message: exit.message },
    });
  }
  return events;
}

/** How many tasks want a CPU and have none, at every moment where that changes. */
function waitingCounter(waiting: Spans, index: number): TraceEvent[] {
  const changes = new Map<number, number>();
  for (let row = 0; row < waiting.task.length; row++) {
    const [startNs, endNs] = [waiting.startNs[row] ?? 0, waiting.endNs[row] ?? 0];
    changes.set(startNs, (changes.get(startNs) ?? 0) + 1);
    changes.set(endNs, (changes.get(endNs) ?? 0) - 1);
  }
  let tasks = 0;
  return [...changes]
    .sort(([a], [b]) => a - b)
    .filter(([, change]) => change !== 0)
    .map(([ns, change]) => {
      tasks += change;
      const counter = { name: "tasks waiting for a CPU", cat: "queue", ph: "C" as const };
      return { ...counter, ts: ns / 1000, pid: cpusOf(index), args: { tasks } };
    });
}

/** Lengths of the policy's own queues. Of several changes at one moment, the last is what stays. */
function queueCounters({ queues }: Recording, index: number): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (let row = 0; row < queues.ns.length; row++) {
    const [queue, ns] = [queues.queue[row] ?? 0, queues.ns[row] ?? 0];
    const name = queues.names[queue] ?? "";
    const last = events.at(-1);
    const counter = { name, cat: "queue", ph: "C" as const, ts: ns / 1000, pid: cpusOf(index) };
    if (last?.name === name && last.ts === counter.ts) events.pop();
    events.push({ ...counter, args: { tasks: queues.length[row] ?? 0 } });
  }
  return events;
}
