// Shrinks a scenario that shows a violation to the fewest tasks, CPUs and events that still show it:
// greedy delta debugging (Zeller and Hildebrandt, IEEE Trans. Software Engineering 28(2), 2002) over
// steps that know what a scenario is. Deterministic; bounded by the number of runs and of their events.

import type { MachineEvent, Scenario, Step, TaskSpec } from "../scenario/scenario.ts";
import { flatTopology } from "../scenario/topology.ts";

export interface ReduceBudget {
  runs: number;
  events: number;
}

export interface Trial {
  violates: boolean;
  events: number;
}

export interface Reduced {
  scenario: Scenario;
  runs: number;
  events: number;
}

export function reduceScenario(
  scenario: Scenario,
  attempt: (candidate: Scenario) => Trial,
  budget: ReduceBudget,
): Reduced {
  let best = scenario;
  let runs = 0;
  let events = 0;
  const tried = new Set<string>();
  for (let progress = true; progress; ) {
    progress = false;
    for (const way of ways) {
      // A way that led on is tried again on what it led to.
      for (let candidates = way(best), at = 0; at < candidates.length; at += 1) {
        const candidate = candidates[at];
        if (candidate === undefined) break;
        if (!candidate.tasks.every(takesTime)) continue;
        const key = JSON.stringify(candidate);
        if (tried.has(key)) continue;
        tried.add(key);
        if (runs >= budget.runs || events >= budget.events) return { scenario: best, runs, events };
        const trial = attempt(candidate);
        runs += 1;
        events += trial.events;
        if (!trial.violates) continue;
        best = candidate;
        progress = true;
        candidates = way(best);
        at = -1;
      }
    }
  }
  return { scenario: best, runs, events };
}

/** A loop of steps that take next to no time would be simulated for ever. */
function takesTime(spec: TaskSpec): boolean {
  return !spec.loop || spec.steps.some(stepTakesTime);
}

const shortestNs = 100_000;

function stepTakesTime(step: Step): boolean {
  if (step.do === "repeat") return step.steps.some(stepTakesTime);
  if (step.do === "wait" || step.do === "join") return true;
  if (step.do !== "run" && step.do !== "sleep") return false;
  return (typeof step.ns === "number" ? step.ns : step.ns.minNs) >= shortestNs;
}

type Way = (scenario: Scenario) => Scenario[];

const ways: readonly Way[] = [
  dropTasks,
  fewerOfEach,
  fewerCpus,
  dropEvents,
  dropCgroups,
  shorter,
  dropSteps,
  plainer,
];

function dropTasks(scenario: Scenario): Scenario[] {
  const { tasks } = scenario;
  if (tasks.length < 2) return [];
  const half = Math.ceil(tasks.length / 2);
  const subsets =
    tasks.length > 3 ? [keep(tasks, 0, half), keep(tasks, half, tasks.length)] : ([] as number[][]);
  const without = tasks.map((_, gone) => tasks.map((__, at) => at).filter((at) => at !== gone));
  return [...subsets, ...without].map((kept) => onlyTasks(scenario, kept));
}

function keep(tasks: readonly TaskSpec[], from: number, to: number): number[] {
  return tasks.map((_, at) => at).filter((at) => at >= from && at < to);
}

/** The scenario with these specs alone; what forks or changes others goes with them. */
function onlyTasks(scenario: Scenario, kept: readonly number[]): Scenario {
  const place = new Map(kept.map((from, to) => [from, to]));
  const steps = (list: readonly Step[]): Step[] =>
    list.flatMap((step): Step[] => {
      if (step.do === "repeat") return [{ ...step, steps: steps(step.steps) }];
      if (step.do !== "fork") return [step];
      const task = place.get(step.task);
      return task === undefined ? [] : [{ ...step, task }];
    });
  return {
    ...scenario,
    tasks: kept.flatMap((from) => {
      const spec = scenario.tasks[from];
      return spec === undefined ? [] : [{ ...spec, steps: steps(spec.steps) }];
    }),
    events: scenario.events.flatMap((event): MachineEvent[] => {
      if (event.do !== "affinity" && event.do !== "nice") return [event];
      const task = place.get(event.task);
      return task === undefined ? [] : [{ ...event, task }];
    }),
  };
}

function fewerOfEach(scenario: Scenario): Scenario[] {
  return scenario.tasks.flatMap((spec, at) =>
    smaller(spec.count, spec.count === 0 ? 0 : 1).map((count) =>
      withTask(scenario, at, { ...spec, count }),
    ),
  );
}

function fewerCpus(scenario: Scenario): Scenario[] {
  const cpus = scenario.topology.llcOf.length;
  const plain = flatTopology(cpus);
  const flat = JSON.stringify(plain) === JSON.stringify(scenario.topology);
  const fewer = smaller(cpus, 1).map((count) => withCpus(scenario, count));
  return flat ? fewer : [...fewer, { ...scenario, topology: plain }];
}

function withCpus(scenario: Scenario, count: number): Scenario {
  const there = (cpus: readonly number[]) => {
    const left = cpus.filter((cpu) => cpu < count);
    return left.length === 0 ? [count - 1] : left;
  };
  const steps = (list: readonly Step[]): Step[] =>
    list.map((step) => {
      if (step.do === "repeat") return { ...step, steps: steps(step.steps) };
      return step.do === "affinity" ? { ...step, cpus: there(step.cpus) } : step;
    });
  const { topology } = scenario;
  return {
    ...scenario,
    topology: {
      llcOf: topology.llcOf.slice(0, count),
      coreOf: topology.coreOf.slice(0, count),
      nodeOf: topology.nodeOf.slice(0, count),
      capacityOf: topology.capacityOf.slice(0, count),
    },
    tasks: scenario.tasks.map((spec) => ({
      ...spec,
      cpus: spec.cpus === null ? null : there(spec.cpus),
      steps: steps(spec.steps),
    })),
    events: scenario.events.flatMap((event): MachineEvent[] => {
      if ("cpu" in event && event.cpu >= count) return [];
      return [event.do === "affinity" ? { ...event, cpus: there(event.cpus) } : event];
    }),
  };
}

function dropEvents(scenario: Scenario): Scenario[] {
  const { events } = scenario;
  if (events.length === 0) return [];
  const half = Math.ceil(events.length / 2);
  return [
    [],
    events.slice(0, half),
    events.slice(half),
    ...events.map((_, gone) => events.filter((__, at) => at !== gone)),
  ]
    .filter((fewer) => fewer.length < events.length)
    .map((fewer) => ({ ...scenario, events: fewer }));
}

function dropCgroups(scenario: Scenario): Scenario[] {
  const root = scenario.cgroups[0];
  if (scenario.cgroups.length < 2 || root === undefined) return [];
  const steps = (list: readonly Step[]): Step[] =>
    list.flatMap((step): Step[] => {
      if (step.do === "repeat") return [{ ...step, steps: steps(step.steps) }];
      return step.do === "cgroup" ? [] : [step];
    });
  return [
    {
      ...scenario,
      cgroups: [root],
      tasks: scenario.tasks.map((spec) => ({ ...spec, cgroup: 0, steps: steps(spec.steps) })),
      events: scenario.events.filter((event) => event.do !== "cgroup-weight"),
    },
  ];
}

function shorter(scenario: Scenario): Scenario[] {
  const { durationNs } = scenario;
  return [0.25, 0.5, 0.75, 0.9]
    .map((part) => Math.round(durationNs * part))
    .filter((ns) => ns >= 10_000_000)
    .map((ns) => ({ ...scenario, durationNs: ns }));
}

function dropSteps(scenario: Scenario): Scenario[] {
  return scenario.tasks.flatMap((spec, at) =>
    fewerSteps(spec.steps).map((steps) => withTask(scenario, at, { ...spec, steps })),
  );
}

function fewerSteps(steps: readonly Step[]): Step[][] {
  return steps.flatMap((step, at) => {
    const others = (instead: Step[]) => [...steps.slice(0, at), ...instead, ...steps.slice(at + 1)];
    const without = steps.length > 1 ? [others([])] : [];
    if (step.do !== "repeat") return without;
    return [
      ...without,
      others(step.steps),
      ...fewerSteps(step.steps).map((inner) => others([{ ...step, steps: inner }])),
    ];
  });
}

/** One property at a time to its most ordinary value. */
function plainer(scenario: Scenario): Scenario[] {
  return scenario.tasks.flatMap((spec, at) => {
    const candidates: Partial<TaskSpec>[] = [];
    if (spec.comm !== "task") candidates.push({ comm: "task" });
    if (spec.kernelThread) candidates.push({ kernelThread: false });
    if (spec.nice !== 0) candidates.push({ nice: 0 });
    if (spec.cpus !== null) candidates.push({ cpus: null });
    if (spec.startNs !== 0) candidates.push({ startNs: 0 });
    const fixed = spec.steps.map(withoutRange);
    if (JSON.stringify(fixed) !== JSON.stringify(spec.steps)) candidates.push({ steps: fixed });
    return candidates.map((change) => withTask(scenario, at, { ...spec, ...change }));
  });
}

function withoutRange(step: Step): Step {
  if (step.do === "repeat") return { ...step, steps: step.steps.map(withoutRange) };
  if ((step.do !== "run" && step.do !== "sleep") || typeof step.ns === "number") return step;
  return { ...step, ns: Math.round((step.ns.minNs + step.ns.maxNs) / 2) };
}

/** Least first. */
function smaller(count: number, least: number): number[] {
  const half = count >> 1;
  return [...new Set([least, half, count - 1])].filter((each) => each >= least && each < count);
}

function withTask(scenario: Scenario, at: number, spec: TaskSpec): Scenario {
  return { ...scenario, tasks: scenario.tasks.map((each, index) => (index === at ? spec : each)) };
}
