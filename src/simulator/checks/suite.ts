// The adversarial suite: a policy under every family with all checks on, under tasks with the names that it
// knows itself, then a search among small random scenarios; one finding a rule, each error with the
// smallest example of it. Deterministic: what bounds it is counted in events, never in time. Called by
// simulate and by the verifier's stage.

import type { Finding } from "../../contract/verdict.ts";
import { namesakes } from "../scenario/families/names.ts";
import { type Family, type FamilySize, rootCgroup, suiteSize } from "../scenario/family.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { families, familySeed } from "../scenario/suite-families.ts";
import { flatTopology } from "../scenario/topology.ts";
import type { Reading, Rule, Violation } from "./check.ts";
import { type CheckedRun, type PolicyFactory, runChecked } from "./checked-run.ts";
import { ruleOrder } from "./checks.ts";
import { smallestExample } from "./counterexample.ts";
import type { InteractiveWaits } from "./interactive-latency.ts";
import { searchViolation } from "./search.ts";
import { safeText } from "./words.ts";

export interface SuiteOptions {
  seed: number;
  size?: FamilySize;
  /** Default: all. */
  families?: readonly Family[];
  /** Random scenarios tried after the families; 0: none. */
  searches?: number;
  /** Called after each scenario: for reports and progress. */
  onRun?: (scenario: Scenario, run: CheckedRun) => void;
}

export interface SuiteOutcome {
  outcome: "pass" | "reject" | "inconclusive";
  /** One per rule, worst first. */
  findings: Finding[];
  /** What could not be judged, by name. */
  inconclusive: string[];
  /** Scenarios run in full, the search's included. */
  scenarios: number;
  events: number;
  /** Nearest to each bound over all runs. */
  readings: Reading[];
}

/** The suite ends early after so many different rules were broken, or so many events since the first. */
const errorsMax = 3;
const eventsAfterErrorMax = 400_000;
/**
 * Of one run, where the machine is the family's own: ten times what the dearest costs a correct policy,
 * and room for a timer of the policy's every half millisecond.
 */
const eventsOfRunMax = (durationNs: number) => 500_000 + 2_000 * Math.ceil(durationNs / 1e9);
/** Events of runs about which nothing can be said, beyond which the suite gives up. */
const eventsForNothingMax = 2_000_000;
const reduceBudget = { runs: 120, events: 400_000 } as const;
const searchesDefault = 24;

interface Found {
  violation: Violation;
  scenario: Scenario;
}

export function runSuite(make: PolicyFactory, options: SuiteOptions): SuiteOutcome {
  const size = options.size ?? suiteSize;
  const errors = new Map<Rule, Found>();
  const warnings = new Map<Rule, Found>();
  const readings = new Map<string, Reading>();
  const inconclusive = new Set<string>();
  let events = 0;
  let scenarios = 0;
  let firstErrorAt = -1;
  let forNothing = 0;

  const take = (scenario: Scenario, run: CheckedRun): void => {
    events += run.events;
    options.onRun?.(scenario, run);
    if (run.inconclusive !== null) {
      inconclusive.add(run.inconclusive);
      forNothing += run.events;
      return;
    }
    scenarios += 1;
    for (const reading of run.readings) keepNearest(readings, reading);
    for (const violation of run.violations) {
      const found = violation.severity === "error" ? errors : warnings;
      if (!found.has(violation.rule)) found.set(violation.rule, { violation, scenario });
    }
    // A run that its policy drove to the limit has cost enough.
    const endless = run.summary === null && run.violations.some(({ rule }) => rule === "switching");
    if (errors.size > 0 && firstErrorAt < 0) firstErrorAt = endless ? events - run.events : events;
  };
  const enough = () =>
    errors.size >= errorsMax ||
    forNothing > eventsForNothingMax ||
    (firstErrorAt >= 0 && events - firstErrorAt > eventsAfterErrorMax);
  const limitOf = ({ durationNs }: Scenario) =>
    size.topology === null && size.scale <= 1 ? { eventsMax: eventsOfRunMax(durationNs) } : {};

  for (const [index, family] of (options.families ?? families).entries()) {
    const scenario = family.make(familySeed(options.seed, index), size);
    const reference = family.comparesLatency === true ? defaultWaits(scenario) : null;
    take(scenario, runChecked(scenario, make, { reference, ...limitOf(scenario) }));
    if (enough()) break;
  }
  // A user's choice of families is all that is wanted.
  const named = options.families === undefined && !enough() ? namesOf(make, size) : [];
  for (const scenario of namesakes(named, options.seed, size)) {
    take(scenario, runChecked(scenario, make, limitOf(scenario)));
    if (enough()) break;
  }
  const searches = options.searches ?? searchesDefault;
  if (errors.size === 0 && inconclusive.size === 0 && searches > 0) {
    searchViolation(make, options.seed, searches, take);
  }
  const findings = [
    ...byRule(errors).map((found) => shrunk(found, make)),
    ...byRule(warnings)
      .filter(({ violation }) => !errors.has(violation.rule))
      .map(plain),
  ];
  return {
    outcome: errors.size > 0 ? "reject" : inconclusive.size > 0 ? "inconclusive" : "pass",
    findings,
    inconclusive: [...inconclusive],
    scenarios,
    events,
    readings: [...readings.values()],
  };
}

function namesOf(make: PolicyFactory, size: FamilySize): readonly string[] {
  const topology = size.topology ?? flatTopology(1);
  const policy = make({ topology, cgroups: [rootCgroup] });
  const names = policy.names?.() ?? [];
  policy.release?.();
  return names;
}

function defaultWaits(scenario: Scenario): InteractiveWaits {
  return runChecked(scenario, null).waits;
}

function byRule(found: ReadonlyMap<Rule, Found>): Found[] {
  return ruleOrder.flatMap((rule) => found.get(rule) ?? []);
}

function shrunk({ violation, scenario }: Found, make: PolicyFactory): Finding {
  const shown = smallestExample(scenario, violation, make, reduceBudget);
  const small = shown.counterexample.scenario;
  const tasks = small.tasks.reduce((sum, spec) => sum + spec.count, 0);
  const cpus = small.topology.llcOf.length;
  return {
    rule: `simulate/${violation.rule}`,
    severity: "error",
    message: `${shown.violation.message} Found in ${safeText(scenario.name)}, shrunk to ${cpus} CPU${cpus === 1 ? "" : "s"} and ${tasks} task${tasks === 1 ? "" : "s"}.`,
    hint: shown.violation.hint,
    counterexample: shown.counterexample,
  };
}

function plain({ violation, scenario }: Found): Finding {
  return {
    rule: `simulate/${violation.rule}`,
    severity: violation.severity,
    message: `${violation.message} Seen in ${safeText(scenario.name)}.`,
    hint: violation.hint,
    counterexample: { seed: scenario.seed, foundIn: scenario.name },
  };
}

function keepNearest(readings: Map<string, Reading>, reading: Reading): void {
  const key = `${reading.rule}/${reading.severity}`;
  if (reading.ratio > (readings.get(key)?.ratio ?? -1)) readings.set(key, reading);
}

/** The findings of one run, as of a user's own workload: nothing is shrunk. */
export function findingsOfRun(scenario: Scenario, run: CheckedRun): Finding[] {
  const order = (violation: Violation) =>
    ruleOrder.indexOf(violation.rule) + (violation.severity === "error" ? 0 : ruleOrder.length);
  return [...run.violations]
    .sort((a, b) => order(a) - order(b))
    .map((violation) => plain({ violation, scenario }));
}
