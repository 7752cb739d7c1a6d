// One simulation from beginning to end, inside the confined judge: an object and what to run it on give
// a verdict, findings, figures and, where wanted, recordings. Deterministic. Called by control's judge-main.ts.

import { SchedcpError } from "../contract/errors.ts";
import type { SimulatedScenario } from "../contract/simulation.ts";
import { suggest } from "../contract/suggest.ts";
import type { Finding } from "../contract/verdict.ts";
import { both } from "./checks/both.ts";
import { type CheckedRun, type PolicyFactory, runChecked } from "./checks/checked-run.ts";
import { findingsOfRun, runSuite } from "./checks/suite.ts";
import type { OpsSettings } from "./core/policy-ops.ts";
import { KnobError, ObjectError, SimulatorLimit } from "./errors.ts";
import type { Unsupported } from "./machine/calls.ts";
import type { Btf } from "./object/btf.ts";
import { Recorder, type Recording } from "./report/recorder.ts";
import { runFigures, WaitCounter } from "./report/run-figures.ts";
import { createPolicy } from "./runtime/create-policy.ts";
import type { PolicyInstance } from "./runtime/policy-instance.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { suiteScenarios } from "./scenario/suite-families.ts";
import { flatTopology } from "./scenario/topology.ts";
import { scenarioOfWorkload } from "./scenario/workload-scenario.ts";
import type { SimulationOutcome, SimulationTask } from "./simulation-task.ts";

/** Events of a workload's or a given scenario's run; the suite has bounds of its own. */
const eventsMax = 20_000_000;

/** Of a report; a policy that needs more is not simulated either way. */
const unsupportedMax = 50;

const nothing: SimulationOutcome = {
  verdict: "inconclusive",
  findings: [],
  unsupported: [],
  scenarios: [],
  timesFrom: null,
  recordings: [],
  recorded: null,
};

/** Throws `parameter-invalid` for a knob that the object has not. */
export function simulate(task: SimulationTask, kernelBtf: Btf): SimulationOutcome {
  const policy = new Policy(task, kernelBtf);
  try {
    // Whatever is wrong with the object itself shows before anything runs.
    policy.make(firstMachine(task)).release?.();
    return task.subject.kind === "suite" ? ofSuite(task, policy) : ofScenario(task, policy);
  } catch (error) {
    if (error instanceof KnobError) throw knobError(task, error);
    if (error instanceof ObjectError) {
      return { ...nothing, verdict: "reject", findings: [objectFinding(error)] };
    }
    if (error instanceof SimulatorLimit) return { ...nothing, findings: [limitFinding(error)] };
    throw error;
  }
}

function firstMachine(task: SimulationTask): Pick<Scenario, "topology" | "cgroups"> {
  if (task.subject.kind === "scenario") return task.subject.scenario;
  const root = { name: "", parent: null, weight: 100 };
  return { topology: task.subject.topology ?? flatTopology(2), cgroups: [root] };
}

/** Makes a fresh instance for each run, and remembers what the object needs that is not modelled. */
class Policy {
  unsupported: readonly Unsupported[] = [];
  readonly make: PolicyFactory;
  #imposed: Partial<OpsSettings> | null = null;

  constructor(task: SimulationTask, kernelBtf: Btf) {
    const { objectBytes, knobs } = task;
    const hintsByEntry = new Map(Object.entries(task.hints));
    this.make = ({ topology, cgroups }) => {
      const hints = new Map(
        cgroups.flatMap(({ name }, cgroup) => {
          const ms = hintsByEntry.get(name);
          return ms === undefined ? [] : [[cgroup, ms] as const];
        }),
      );
      const request = { objectBytes, kernelBtf, knobs, hints, topology, cgroups };
      this.#imposed ??= imposedOn(createPolicy(request));
      const made = createPolicy({ ...request, imposed: this.#imposed });
      this.unsupported = made.unsupported;
      return made;
    };
  }
}

/** What a loader lets through of sched_ext_ops.flags: all that are known but the partial mode. */
const flagsTaken = 0x1f7;
const dispatchBatchMax = 1024;

/**
 * What a node sets before it loads an object, whatever its author wrote (native/ops.c): the watchdog's
 * time, no partial mode, no flags that the kernel does not know. A policy that would be ejected at once, or
 * that leaves all tasks to the default scheduler, shows so what it does to them.
 */
function imposedOn(made: PolicyInstance): Partial<OpsSettings> {
  const { flags, dispatchMaxBatch } = made.ops.settings;
  made.release();
  return {
    timeoutMs: 30_000,
    flags: (flags % 2 ** 32) & flagsTaken,
    dispatchMaxBatch: Math.min(dispatchMaxBatch, dispatchBatchMax),
  };
}

function ofSuite(task: SimulationTask, policy: Policy): SimulationOutcome {
  if (task.subject.kind !== "suite") return nothing;
  const { seed, topology } = task.subject;
  const scenarios: SimulatedScenario[] = [];
  const suite = runSuite(policy.make, {
    seed,
    size: { topology, scale: 1 },
    onRun: (scenario, run) => scenarios.push(...scenarioRow(scenario, run, null, null)),
  });
  const findings = [...suite.findings, ...inconclusiveFindings(suite.inconclusive)];
  const outcome = {
    ...nothing,
    findings,
    scenarios,
    unsupported: policy.unsupported.slice(0, unsupportedMax),
  };
  return {
    ...outcome,
    verdict: verdictOf(findings, policy.unsupported, suite.inconclusive.length > 0),
    ...(task.record ? recordedPair(task, policy, findings, seed) : {}),
  };
}

function ofScenario(task: SimulationTask, policy: Policy): SimulationOutcome {
  const { scenario, timesFrom } = scenarioOf(task);
  const base = observedRun(scenario, null, "default", task.record);
  const own = observedRun(scenario, policy.make, task.policyName, task.record, base.run);
  const stopped = own.run.inconclusive === null ? [] : [own.run.inconclusive];
  const findings = [...findingsOfRun(scenario, own.run), ...inconclusiveFindings(stopped)];
  return {
    verdict: verdictOf(findings, policy.unsupported, stopped.length > 0),
    findings,
    unsupported: policy.unsupported.slice(0, unsupportedMax),
    scenarios: scenarioRow(scenario, own.run, own.waits, base),
    timesFrom,
    ...recorded(scenario, own, base),
  };
}

function scenarioOf(task: SimulationTask): { scenario: Scenario; timesFrom: string | null } {
  const { subject } = task;
  if (subject.kind === "scenario") return { scenario: subject.scenario, timesFrom: null };
  if (subject.kind !== "workload") throw new TypeError("the suite is no single scenario");
  const { workload, profile, seed } = subject;
  const topology = subject.topology ?? flatTopology(workload.measure.cpus);
  // A hint is what its giver expects of an entry: better than an assumption for all.
  const cpuMsByEntry = new Map(Object.entries(task.hints));
  const options = { topology, seed, profile, cpuMsByEntry };
  const { scenario, assumed } = scenarioOfWorkload(workload, options);
  return { scenario, timesFrom: timesWords(assumed, cpuMsByEntry, profile !== null) };
}

function timesWords(
  assumed: readonly string[],
  hinted: ReadonlyMap<string, number>,
  profiled: boolean,
): string {
  const guessed = assumed.filter((entry) => !hinted.has(entry));
  return [
    ...(profiled ? ["as profiled"] : []),
    ...(assumed.length > guessed.length ? ["as hinted"] : []),
    ...(guessed.length > 0
      ? [`assumed alike, CPU-bound, for ${guessed.join(", ")} (a profile tells: --profile)`]
      : []),
  ].join("; ");
}

interface ObservedRun {
  run: CheckedRun;
  waits: WaitCounter;
  recording: Recording | null;
}

function observedRun(
  scenario: Scenario,
  make: PolicyFactory | null,
  label: string,
  record: boolean,
  reference?: CheckedRun,
): ObservedRun {
  const waits = new WaitCounter();
  const recorder = new Recorder((spec) => scenario.tasks[spec]?.entry ?? "");
  const run = runChecked(scenario, make, {
    observer: record ? both(waits, recorder) : waits,
    eventsMax,
    reference: reference?.waits ?? null,
  });
  const { summary } = run;
  const recording =
    record && summary !== null
      ? recorder.finish({
          label,
          cpus: scenario.topology.llcOf.length,
          endNs: summary.endNs,
          makespanNs: summary.makespanNs,
          finished: summary.finished,
        })
      : null;
  return { run, waits, recording };
}

/** None where the run did not reach its end: half of a run has no figures. */
function scenarioRow(
  scenario: Scenario,
  run: CheckedRun,
  waits: WaitCounter | null,
  base: ObservedRun | null,
): SimulatedScenario[] {
  if (run.summary === null) return [];
  const other = base?.run.summary ?? null;
  return [
    {
      name: scenario.name,
      seed: scenario.seed,
      cpus: scenario.topology.llcOf.length,
      tasks: run.summary.tasks.length,
      simulatedMs: run.summary.endNs / 1e6,
      events: run.events,
      policy: runFigures(scenario, run.summary, waits),
      default: other === null ? null : runFigures(scenario, other, base?.waits ?? null),
      findings: oncePerRule(run),
    },
  ];
}

function oncePerRule({ violations }: CheckedRun): SimulatedScenario["findings"] {
  const known = new Map<string, SimulatedScenario["findings"][number]>();
  for (const { rule, severity } of violations) {
    known.set(`${rule} ${severity}`, { rule: `simulate/${rule}`, severity });
  }
  return [...known.values()];
}

function verdictOf(
  findings: readonly Finding[],
  unsupported: readonly Unsupported[],
  cutShort: boolean,
): SimulationOutcome["verdict"] {
  if (findings.some(({ severity }) => severity === "error")) return "reject";
  return unsupported.length > 0 || cutShort ? "inconclusive" : "pass";
}

/** The first example of a violation that can be replayed, or else the suite's first scenario. */
function recordedPair(
  task: SimulationTask,
  policy: Policy,
  findings: readonly Finding[],
  seed: number,
): Pick<SimulationOutcome, "recordings" | "recorded"> {
  const scenario = findings.flatMap(exampleOf)[0] ?? suiteScenarios(seed)[0];
  if (scenario === undefined) return { recordings: [], recorded: null };
  const base = observedRun(scenario, null, "default", true);
  return recorded(scenario, observedRun(scenario, policy.make, task.policyName, true), base);
}

/** The policy's first; nothing where its run did not reach its end. */
function recorded(
  scenario: Scenario,
  own: ObservedRun,
  base: ObservedRun,
): Pick<SimulationOutcome, "recordings" | "recorded"> {
  if (own.recording === null) return { recordings: [], recorded: null };
  const others = base.recording === null ? [] : [base.recording];
  const [row = null] = scenarioRow(scenario, own.run, own.waits, base);
  return { recordings: [own.recording, ...others], recorded: row };
}

function exampleOf({ counterexample }: Finding): Scenario[] {
  if (typeof counterexample !== "object" || counterexample === null) return [];
  // Made by checks/counterexample.ts a moment ago: it is what that says.
  return "scenario" in counterexample ? [counterexample.scenario as Scenario] : [];
}

function inconclusiveFindings(reasons: readonly string[]): Finding[] {
  return reasons.map((reason) => ({
    rule: "simulate/inconclusive",
    severity: "warning",
    message: reason,
    hint: "The lab judges what the simulator can't: run `schedcp verify`.",
  }));
}

function objectFinding(error: ObjectError): Finding {
  return {
    rule: "simulate/object",
    severity: "error",
    message: error.message,
    hint: "Compile it again from its C source with `clang -target bpf -g`, or give that source.",
  };
}

function limitFinding(error: SimulatorLimit): Finding {
  return {
    rule: "simulate/limit",
    severity: "warning",
    message: error.message,
    hint: "Make maps smaller, or simulate fewer tasks and CPUs.",
  };
}

function knobError(task: SimulationTask, error: KnobError): SchedcpError {
  const meant = error.known.includes(error.knob) ? null : suggest(error.knob, error.known);
  const all =
    error.known.length === 0
      ? "Knobs are `const volatile` globals of the policy."
      : `Its knobs are ${error.known.join(", ")}.`;
  return new SchedcpError("parameter-invalid", `${task.policyName}: ${error.message}`, {
    hint: meant === null ? all : `Did you mean ${meant}? ${all}`,
  });
}
