// A scenario out of JSON that anybody may have written: a counterexample to be replayed, a finding, a
// whole report, or a bare scenario. Checked against limits; what is wrong is named by its path. Called
// by the command line; loads zod, so not part of the simulation itself.

import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import type { Scenario, Step } from "./scenario/scenario.ts";
import { cpusMax } from "./scenario/topology.ts";

export const scenarioFileBytesMax = 8 * 1024 * 1024;
const specsMax = 4096;
const stepsMax = 10_000;
const nestingMax = 16;
/** A day. */
const durationNsMax = 86_400e9;
const tasksMax = 100_000;

const ns = z.number().int().min(0).max(durationNsMax);
const range = z
  .strictObject({ minNs: ns, maxNs: ns })
  .refine(({ minNs, maxNs }) => minNs <= maxNs, "minNs is above maxNs");
const duration = z.union([ns, range]);
const index = z.number().int().min(0).max(0xffff);
const nice = z.number().int().min(-20).max(19);
const cpuList = z
  .array(
    z
      .number()
      .int()
      .min(0)
      .max(cpusMax - 1),
  )
  .min(1)
  .max(cpusMax);
const comm = z.string().max(15);

const step: z.ZodType<Step> = z.lazy(() =>
  z.discriminatedUnion("do", [
    z.strictObject({ do: z.literal("run"), ns: duration }),
    z.strictObject({ do: z.literal("sleep"), ns: duration }),
    z.strictObject({ do: z.literal("wait"), channel: index }),
    z.strictObject({
      do: z.literal("signal"),
      channel: index,
      count: z.number().int().min(1).max(tasksMax).optional(),
      sync: z.boolean().optional(),
    }),
    z.strictObject({ do: z.literal("fork"), task: index }),
    z.strictObject({ do: z.literal("join") }),
    z.strictObject({ do: z.literal("yield") }),
    z.strictObject({ do: z.literal("affinity"), cpus: cpuList }),
    z.strictObject({ do: z.literal("nice"), nice }),
    z.strictObject({ do: z.literal("cgroup"), cgroup: index }),
    z.strictObject({ do: z.literal("exec"), comm }),
    z.strictObject({ do: z.literal("exit") }),
    z.strictObject({
      do: z.literal("repeat"),
      times: z.number().int().min(0).max(1e9),
      steps: z.array(step).max(stepsMax),
    }),
  ]),
) as z.ZodType<Step>;

const perCpu = (min: number, max: number) =>
  z.array(z.number().int().min(min).max(max)).min(1).max(cpusMax);

const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(200),
  topology: z.strictObject({
    llcOf: perCpu(0, cpusMax),
    coreOf: perCpu(0, cpusMax),
    nodeOf: perCpu(0, cpusMax),
    capacityOf: perCpu(1, 1024),
  }),
  cgroups: z
    .array(
      z.strictObject({
        name: z.string().max(200),
        parent: index.nullable(),
        weight: z.number().int().min(1).max(10_000),
      }),
    )
    .min(1)
    .max(1024),
  tasks: z
    .array(
      z.strictObject({
        entry: z.string().max(64),
        comm,
        count: z.number().int().min(0).max(tasksMax),
        startNs: duration,
        nice,
        policy: z.enum(["normal", "batch", "idle", "ext"]),
        cpus: cpuList.nullable(),
        cgroup: index,
        kernelThread: z.boolean(),
        steps: z.array(step).max(stepsMax),
        loop: z.boolean(),
        background: z.boolean(),
      }),
    )
    .min(1)
    .max(specsMax),
  events: z
    .array(
      z.discriminatedUnion("do", [
        z.strictObject({ atNs: ns, do: z.literal("cpu-offline"), cpu: index }),
        z.strictObject({ atNs: ns, do: z.literal("cpu-online"), cpu: index }),
        z.strictObject({ atNs: ns, do: z.literal("realtime"), cpu: index, ns }),
        z.strictObject({ atNs: ns, do: z.literal("affinity"), task: index, cpus: cpuList }),
        z.strictObject({ atNs: ns, do: z.literal("nice"), task: index, nice }),
        z.strictObject({
          atNs: ns,
          do: z.literal("cgroup-weight"),
          cgroup: index,
          weight: z.number().int().min(1).max(10_000),
        }),
      ]),
    )
    .max(10_000),
  durationNs: ns.min(1),
  seed: z.number().int().min(0).max(0xffff_ffff),
});

/**
 * The scenario in a JSON text. Where the text is a report or a finding, that of its first counterexample.
 * Throws `file-unreadable` with the path of what is wrong.
 */
export function parseScenario(text: string, file: string): Scenario {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw invalid(
      file,
      `it is not JSON (${cause instanceof Error ? cause.message.slice(0, 120) : ""})`,
    );
  }
  const found = scenarioIn(document);
  if (found === null) throw invalid(file, "there is neither a scenario nor a counterexample in it");
  if (depthOf(found) > 2 * nestingMax + 8) throw invalid(file, "its steps are nested too deeply");
  const checked = scenarioSchema.safeParse(found);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw invalid(
      file,
      `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is not of its form"}`,
    );
  }
  const scenario: Scenario = withoutUndefined(checked.data);
  const fault = referenceFault(scenario);
  if (fault !== null) throw invalid(file, fault);
  return scenario;
}

/** A report has its scenarios in a finding's counterexample: two levels below itself. */
const wrappingsMax = 4;

/** A bare scenario, `{scenario}`, a finding or verdict with a counterexample. */
function scenarioIn(document: unknown, wrappings = wrappingsMax): unknown {
  if (typeof document !== "object" || document === null || wrappings === 0) return null;
  if ("tasks" in document && "topology" in document) return document;
  if ("scenario" in document) return document.scenario;
  if ("counterexample" in document) return scenarioIn(document.counterexample, wrappings - 1);
  if ("findings" in document && Array.isArray(document.findings)) {
    for (const finding of document.findings) {
      const found = scenarioIn(finding, wrappings - 1);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Without recursion: the text may nest as deep as it likes. */
function depthOf(document: unknown): number {
  let deepest = 0;
  const open: [unknown, number][] = [[document, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    deepest = Math.max(deepest, depth);
    if (typeof value !== "object" || value === null) continue;
    for (const child of Object.values(value)) open.push([child, depth + 1]);
  }
  return deepest;
}

/** Optional members that are not there are not `undefined`, either. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** Indices that point nowhere or contradict each other, in words; null where all are good. */
function referenceFault(scenario: Scenario): string | null {
  const { topology, tasks, cgroups, events } = scenario;
  const cpus = topology.llcOf.length;
  const lists = [topology.coreOf, topology.nodeOf, topology.capacityOf];
  if (lists.some((list) => list.length !== cpus)) return "topology: its lists differ in length";
  const core = split(topology.coreOf, topology.llcOf);
  if (core !== null) return `topology.coreOf: core ${core} lies in two last-level caches`;
  const llc = split(topology.llcOf, topology.nodeOf);
  if (llc !== null) return `topology.llcOf: last-level cache ${llc} lies in two nodes`;
  if (tasks.reduce((sum, spec) => sum + spec.count, 0) > tasksMax) {
    return `tasks: more than ${tasksMax} are started`;
  }
  for (const [group, { parent }] of cgroups.entries()) {
    const fits = group === 0 ? parent === null : parent !== null && parent < group;
    if (!fits) return `cgroups.${group}.parent: the root is cgroup 0, and parents come first`;
  }
  const wrongCpu = (list: readonly number[] | null) => list?.some((cpu) => cpu >= cpus) === true;
  for (const [spec, { cgroup, cpus: allowed, steps }] of tasks.entries()) {
    if (cgroup >= cgroups.length) return `tasks.${spec}.cgroup: there is no cgroup ${cgroup}`;
    if (wrongCpu(allowed)) return `tasks.${spec}.cpus: the machine has ${cpus} CPUs`;
    for (const step of flatSteps(steps)) {
      if (step.do === "fork" && step.task >= tasks.length) {
        return `tasks.${spec}.steps: there is no task ${step.task} to fork`;
      }
      if (step.do === "cgroup" && step.cgroup >= cgroups.length) {
        return `tasks.${spec}.steps: there is no cgroup ${step.cgroup}`;
      }
      if (step.do === "affinity" && wrongCpu(step.cpus)) {
        return `tasks.${spec}.steps: the machine has ${cpus} CPUs`;
      }
    }
  }
  for (const [at, event] of events.entries()) {
    if ("cpu" in event && event.cpu >= cpus)
      return `events.${at}.cpu: the machine has ${cpus} CPUs`;
    if ("task" in event && event.task >= tasks.length)
      return `events.${at}.task: there is no such task`;
    if ("cpus" in event && wrongCpu(event.cpus))
      return `events.${at}.cpus: the machine has ${cpus} CPUs`;
    if ("cgroup" in event && event.cgroup >= cgroups.length) {
      return `events.${at}.cgroup: there is no such cgroup`;
    }
  }
  return null;
}

/** A part (a core) whose CPUs belong to more than one whole (a cache); null where none is. */
function split(partOf: readonly number[], wholeOf: readonly number[]): number | null {
  const wholes = new Map<number, number | undefined>();
  for (const [cpu, part] of partOf.entries()) {
    if (wholes.has(part) && wholes.get(part) !== wholeOf[cpu]) return part;
    wholes.set(part, wholeOf[cpu]);
  }
  return null;
}

function flatSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.do === "repeat" ? [step, ...flatSteps(step.steps)] : [step],
  );
}

function invalid(file: string, reason: string): SchedcpError {
  return new SchedcpError("file-unreadable", `${file} can't be simulated: ${reason}`, {
    hint: "Give a scenario, or what `schedcp simulate --json` wrote for a policy with a finding.",
  });
}
