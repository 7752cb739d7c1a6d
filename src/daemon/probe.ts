// Drives schedcp-probe around a traced run: attached before it, asked after it. Its object is the
// project's own (bpf/probes), never the candidate's.

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { type Trace, timelineSegmentSchema } from "../contract/measurement.ts";
import { NativeProcess, nativeErrorSchema, type StartChild } from "./native-process.ts";

const probeEventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("attached") }),
  z.object({
    event: z.literal("trace"),
    waits: z.array(z.array(z.number().int()).max(64)).max(limits.workloadEntriesMax),
    timeline: z.array(timelineSegmentSchema).max(limits.timelineSegmentsMax),
    dropped: z.number().int(),
  }),
  nativeErrorSchema,
]);
type ProbeEvent = z.infer<typeof probeEventSchema>;
export type RawTrace = ProbeEvent & { event: "trace" };

/** Entries in order, with the ids of their cgroups. */
export interface ProbedEntry {
  name: string;
  cgroupId: bigint;
}

export interface Probe {
  /** Ends it and gives what it saw. */
  finish(): Promise<RawTrace>;
  /** Ends it; what it saw is lost. */
  discard(): Promise<void>;
}

export async function attachProbe(
  start: StartChild,
  objectPath: string,
  entries: readonly ProbedEntry[],
): Promise<Probe> {
  const object = await readFile(objectPath);
  const header = [
    `object-bytes ${object.length}`,
    `segments-max ${limits.timelineSegmentsMax}`,
    ...entries.map(({ cgroupId }) => `entry ${cgroupId}`),
  ];
  const probe = new NativeProcess(start, "schedcp-probe", probeEventSchema, header, object);
  const discard = async () => {
    probe.kill();
    await probe.ended();
  };
  try {
    await expectEvent(probe, "attached");
  } catch (thrown) {
    await discard();
    throw thrown;
  }
  return {
    discard,
    finish: async () => {
      probe.endInput();
      const trace = await expectEvent(probe, "trace");
      await probe.ended();
      return trace;
    },
  };
}

async function expectEvent<E extends "attached" | "trace">(
  probe: NativeProcess<ProbeEvent>,
  expected: E,
): Promise<ProbeEvent & { event: E }> {
  const event = await probe.next();
  if (event?.event === expected) return event as ProbeEvent & { event: E };
  const message = event?.event === "error" ? `${event.stage}: ${event.message}` : "it ended early";
  throw new SchedcpError("internal", `schedcp-probe: ${message}`, {
    hint: "Run without a trace, or report this: the probe does not fit this kernel.",
  });
}

/** From the kernel's clock to the run's: what lies outside the run is cut off. */
export function traceOfRun(
  raw: RawTrace,
  entries: readonly ProbedEntry[],
  releasedAtUs: number,
  makespanMs: number,
): Trace {
  const endOfRunUs = makespanMs * 1000;
  const timeline: Trace["timeline"] = [];
  for (const [cpu, entry, pid, startUs, endUs] of raw.timeline) {
    const from = Math.max(0, startUs - releasedAtUs);
    const to = Math.min(endOfRunUs, endUs - releasedAtUs);
    if (to > from) timeline.push([cpu, entry, pid, from, to]);
  }
  return {
    entries: entries.map(({ name }) => name),
    waits: entries.map(({ name }, number) => ({ entry: name, buckets: raw.waits[number] ?? [] })),
    timeline,
    dropped: raw.dropped,
    makespanMs,
  };
}
