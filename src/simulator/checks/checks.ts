// The list of all checks, and how bad each rule is beside the others.

import type { Scenario } from "../scenario/scenario.ts";
import { Affinity } from "./affinity.ts";
import type { Check, Rule } from "./check.ts";
import { InteractiveLatency, type InteractiveWaits } from "./interactive-latency.ts";
import { LostTask } from "./lost-task.ts";
import { Migrations } from "./migrations.ts";
import { ExitOfPolicy } from "./policy-exit.ts";
import { PriorityInversion } from "./priority-inversion.ts";
import { QueueGrowth } from "./queue-growth.ts";
import { Starvation } from "./starvation.ts";
import { Switching } from "./switching.ts";
import { Unfairness } from "./unfairness.ts";
import { WorkConservation } from "./work-conservation.ts";

export interface CheckSet {
  checks: readonly Check[];
  latency: InteractiveLatency;
  switching: Switching;
}

/** Fresh ones: a check serves one run. `reference`: what the default scheduler gave, where known. */
export function allChecks(scenario: Scenario, reference: InteractiveWaits | null): CheckSet {
  const latency = new InteractiveLatency(reference);
  const switching = new Switching(scenario);
  const checks = [
    new ExitOfPolicy(),
    new Affinity(),
    new LostTask(),
    new Starvation(),
    new QueueGrowth(),
    switching,
    new WorkConservation(),
    new Unfairness(),
    new PriorityInversion(),
    latency,
    new Migrations(),
  ];
  return { checks, latency, switching };
}

/** Worst first: causes before what follows from them. */
export const ruleOrder: readonly Rule[] = [
  "program-fault",
  "runtime-error",
  "affinity",
  "lost-task",
  "starvation",
  "stall",
  "queue-growth",
  "switching",
  "work-conservation",
  "unfairness",
  "priority-inversion",
  "interactive-latency",
  "migrations",
];
