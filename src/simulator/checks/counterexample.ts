// What a finding carries so that it can be seen again: the smallest scenario found that shows it, what
// happened there, and its seed. Plain JSON; `scenario` can be replayed as it is.

import type { Scenario } from "../scenario/scenario.ts";
import type { Rule, Violation } from "./check.ts";
import { type PolicyFactory, runChecked } from "./checked-run.ts";
import { type ReduceBudget, reduceScenario } from "./reduce.ts";
import { Story } from "./story.ts";

export interface Counterexample {
  seed: number;
  /** Of the family that it was found in, or of the search. */
  foundIn: string;
  scenario: Scenario;
  /** The beginning and the end of what happened, in words. */
  events: string[];
  /** What the check saw. */
  seen: string;
}

export interface Shown {
  violation: Violation;
  counterexample: Counterexample;
  /** Events that finding it cost. */
  events: number;
}

export function errorOf(violations: readonly Violation[], rule: Rule): Violation | undefined {
  return violations.find((each) => each.rule === rule && each.severity === "error");
}

/** To tell the story of an example. */
const eventsMax = 1_000_000;

/** What a scenario's own events do to tasks is one event for the machine, and work for each of them. */
function changedTasks({ events, tasks }: Scenario): number {
  return events.reduce(
    (sum, event) => sum + ("task" in event ? (tasks[event.task]?.count ?? 0) : 0),
    0,
  );
}

/** The same rule broken in a scenario as small as the budget allows. */
export function smallestExample(
  scenario: Scenario,
  violation: Violation,
  make: PolicyFactory,
  budget: ReduceBudget,
): Shown {
  const reduced = reduceScenario(
    scenario,
    (candidate) => {
      const run = runChecked(candidate, make, { eventsMax: budget.events });
      return {
        violates: errorOf(run.violations, violation.rule) !== undefined,
        events: run.events + changedTasks(candidate),
      };
    },
    budget,
  );
  const story = new Story();
  const run = runChecked(reduced.scenario, make, { observer: story, eventsMax });
  const seen = errorOf(run.violations, violation.rule) ?? violation;
  return {
    violation: seen,
    counterexample: {
      seed: scenario.seed,
      foundIn: scenario.name,
      scenario: reduced.scenario,
      events: story.lines(),
      seen: seen.message,
    },
    events: reduced.events + run.events,
  };
}
