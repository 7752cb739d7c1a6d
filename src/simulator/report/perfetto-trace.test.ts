// The structure that ui.perfetto.dev and chrome://tracing ask for: required fields a phase, times in
// order, and states of a track that do not overlap.

import { describe, expect, test } from "vitest";
import { toyRun } from "../../../test/doubles/toy-run.ts";
import { perfettoTrace } from "./perfetto-trace.ts";

interface Event {
  name: string;
  ph: string;
  ts?: number;
  dur?: number;
  pid: number;
  tid?: number;
  s?: string;
  args?: Record<string, unknown>;
}

const nasty = '</script>"\\\u0000\u202e';
const policy = toyRun({
  label: "p",
  cpus: 3,
  entries: [
    ["long", 1, 90],
    [nasty, 7, 20],
  ],
  sliceMs: 10,
});
const base = toyRun({ label: "default", cpus: 3, entries: [["long", 1, 90]], sliceMs: 3 });

function eventsOf(json: string): Event[] {
  const document: { traceEvents: Event[]; displayTimeUnit: string } = JSON.parse(json);
  expect(document.displayTimeUnit).toBe("ms");
  return document.traceEvents;
}

describe("a trace for Perfetto", () => {
  const trace = perfettoTrace([policy, base], { policy: "p" });
  const events = eventsOf(trace.json);

  test("has what its format requires of every event", () => {
    expect(events.length).toBe(trace.events);
    for (const event of events) {
      expect(typeof event.name).toBe("string");
      expect(Number.isInteger(event.pid)).toBe(true);
      expect(["X", "i", "C", "M"]).toContain(event.ph);
      if (event.ph === "M") continue;
      expect(event.ts).toBeGreaterThanOrEqual(0);
      if (event.ph === "X") expect(event.dur).toBeGreaterThan(0);
      if (event.ph === "i") expect(["t", "p", "g"]).toContain(event.s);
      if (event.ph === "C") expect(event.args?.tasks).toBeGreaterThanOrEqual(0);
      if (event.ph !== "C") expect(event.tid).toBeGreaterThan(0);
    }
  });

  test("is in order of time, and no two states of a track overlap", () => {
    const times = events.flatMap((event) => (event.ts === undefined ? [] : [event.ts]));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const freeAt = new Map<string, number>();
    for (const { ph, ts = 0, dur = 0, pid, tid } of events) {
      if (ph !== "X") continue;
      const track = `${pid}/${tid}`;
      expect(ts).toBeGreaterThanOrEqual(freeAt.get(track) ?? 0);
      freeAt.set(track, ts + dur);
    }
    // The lone task of the second one never leaves its CPU.
    expect(freeAt.size).toBe(3 + 8 + 1 + 1);
  });

  test("names a track for every CPU and every task, of both schedulers", () => {
    const names = events.filter((event) => event.name === "thread_name");
    expect(names.length).toBe(3 + 8 + 3 + 1);
    expect(names.map((event) => event.args?.name)).toContain(
      `${nasty}-0`.slice(0, 15).concat(` (${nasty})`),
    );
    const groups = events.filter((event) => event.name === "process_name");
    expect(groups.map((event) => event.args?.name)).toEqual([
      "CPUs under p",
      "Tasks under p",
      "CPUs under default scheduler (EEVDF model)",
      "Tasks under default scheduler (EEVDF model)",
    ]);
  });

  test("accounts for all the time that the CPUs gave", () => {
    const onCpu = events.filter((event) => event.ph === "X" && event.pid === 1);
    const totalUs = onCpu.reduce((sum, event) => sum + (event.dur ?? 0), 0);
    expect(totalUs).toBe(1000 * (90 + 7 * 20));
    const lastWaiting = events.filter((event) => event.ph === "C" && event.pid === 1).at(-1);
    expect(lastWaiting?.args?.tasks).toBe(0);
  });

  test("is cut at its limit with a note, and keeps the beginning", () => {
    const cut = perfettoTrace([policy, base], {}, 120);
    expect(cut.events).toBe(120);
    expect(cut.cutNote).toMatch(/only the first [\d.]+ ms are in it: \d+ events did not fit/);
    expect(cut.json).toContain(JSON.stringify(cut.cutNote));
    expect(eventsOf(cut.json).length).toBe(120);
    expect(trace.cutNote).toBe(null);
  });
});
