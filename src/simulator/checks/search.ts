// The search for a violation among small random scenarios, by fast-check, which also shrinks what it
// finds. Bounded by the number of scenarios; the same seed tries the same ones. Called by suite.ts.

import { createRequire } from "node:module";
import type * as FastCheck from "fast-check";
import { cpuCount } from "../scenario/family.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { housekeeping } from "../scenario/system-tasks.ts";

import type { Rule } from "./check.ts";
import { type CheckedRun, type PolicyFactory, runChecked } from "./checked-run.ts";
import { ruleOrder } from "./checks.ts";
import { errorOf } from "./counterexample.ts";
import { smallScenarios } from "./small-scenario.ts";

// Loaded when first needed: a policy that a family rejects never pays for it.
const require = createRequire(import.meta.url);

/** Scenarios tried while shrinking. */
const shrinksMax = 60;
const eventsMax = 300_000;

/**
 * Tells `take` of every scenario tried until one has an error, and then of the smallest that has one.
 * Runs that end at a limit count for nothing here: a random scenario may be absurd.
 */
export function searchViolation(
  make: PolicyFactory,
  seed: number,
  searches: number,
  take: (scenario: Scenario, run: CheckedRun) => void,
): void {
  const fc = require("fast-check") as typeof FastCheck;
  let smallest: { scenario: Scenario; run: CheckedRun } | null = null;
  let failure: { error: unknown } | null = null;
  let rule: Rule | null = null;
  let shrinks = 0;
  /** Whether it has an error. */
  const attempt = (scenario: Scenario): boolean => {
    if (smallest !== null) {
      shrinks += 1;
      // Calling the rest harmless ends the shrinking.
      if (shrinks > shrinksMax) return false;
    }
    const run = runChecked(scenario, make, { eventsMax });
    const broken = rule ?? worstError(run);
    if (broken !== null && errorOf(run.violations, broken) !== undefined) {
      if (broken === "work-conservation" && heals(scenario, make)) return false;
      // A smaller scenario that breaks another rule is another finding.
      rule = broken;
      smallest = { scenario, run };
      return true;
    }
    if (smallest === null && run.inconclusive === null) take(scenario, run);
    return false;
  };
  const property = fc.property(smallScenarios(fc, seed), (scenario) => {
    if (failure !== null) return true;
    try {
      return !attempt(scenario);
    } catch (error) {
      // fast-check would take it for what it looks for.
      failure = { error };
      return true;
    }
  });
  fc.check(property, { seed: seed | 0, numRuns: searches, verbose: 0 });
  const failed = failure as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  const found = smallest as { scenario: Scenario; run: CheckedRun } | null;
  if (found !== null) take(found.scenario, found.run);
}

function worstError(run: CheckedRun): Rule | null {
  return ruleOrder.find((rule) => errorOf(run.violations, rule) !== undefined) ?? null;
}

/**
 * Whether the idle CPUs find the waiting tasks as soon as anything makes them look. Small scenarios have
 * nothing that would; a machine always has.
 */
function heals(scenario: Scenario, make: PolicyFactory): boolean {
  const tasks = [...scenario.tasks, ...housekeeping(cpuCount(scenario.topology))];
  const run = runChecked({ ...scenario, tasks }, make, { eventsMax });
  return run.inconclusive === null && errorOf(run.violations, "work-conservation") === undefined;
}
