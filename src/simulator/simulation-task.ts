// One simulation to do, and what came of it: what crosses to the confined judge and back. Data only.

import type { ParameterValue } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { SimulatedScenario } from "../contract/simulation.ts";
import type { Finding } from "../contract/verdict.ts";
import type { Workload } from "../contract/workload.ts";
import type { Unsupported } from "./machine/calls.ts";
import type { Recording } from "./report/recorder.ts";
import type { Scenario, Topology } from "./scenario/scenario.ts";

export type SimulationSubject =
  /** The adversarial suite; each scenario brings its own machine where `topology` is null. */
  | { kind: "suite"; seed: number; topology: Topology | null }
  | {
      kind: "workload";
      workload: Workload;
      profile: WorkloadProfile | null;
      seed: number;
      /** Null: as many CPUs, all alike, as the workload is measured on. */
      topology: Topology | null;
    }
  | { kind: "scenario"; scenario: Scenario };

export interface SimulationTask {
  policyName: string;
  objectBytes: Uint8Array;
  /** Values of `const volatile` globals. */
  knobs: Record<string, ParameterValue>;
  /** Entry of the workload → expected CPU time, ms. */
  hints: Record<string, number>;
  subject: SimulationSubject;
  /** Whether one of the runs is to be recorded: that of the first finding, else the first. */
  record: boolean;
}

export interface SimulationOutcome {
  verdict: "pass" | "reject" | "inconclusive";
  findings: Finding[];
  unsupported: Unsupported[];
  scenarios: SimulatedScenario[];
  /** Where a workload's times come from, in words. */
  timesFrom: string | null;
  /** The policy's run and the default scheduler's; empty where none was asked for or could be made. */
  recordings: Recording[];
  /** The scenario that was recorded, with its figures; a counterexample's own, not its family's. */
  recorded: SimulatedScenario | null;
}
