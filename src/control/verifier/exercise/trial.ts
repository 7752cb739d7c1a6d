// A trial: one short run in a guest under the policy, and what is concluded from it. Each is a file of
// its own in trials/; which there are, and in what order, is trials.ts's. Types only.

import type {
  DeploymentStatus,
  Disturbance,
  DisturbanceReport,
  ExitRecord,
  RunObservation,
  RunReport,
} from "../../../contract/node-protocol.ts";
import type { Finding } from "../../../contract/verdict.ts";
import type { Workload } from "../../../contract/workload.ts";

/** CPUs of the guest that trials are made for. */
export const trialCpus = 2;

/** CPU time of each entry since the release, in the order of the workload's `run`. */
export interface Observation extends RunObservation {
  atMs: number;
}

export interface TrialRecord {
  observations: readonly Observation[];
  /** Carried out, in order. */
  disturbances: readonly DisturbanceReport[];
  /** Null where the run was stopped because enough was seen, or because the policy had left. */
  report: RunReport | null;
  /** Why the node could not carry the run out or clear it up, null where it could. Untrusted text. */
  fault: { isKill: boolean; message: string } | null;
  /** After the run. */
  status: DeploymentStatus;
}

/** What it means that the policy left during a trial, where it is not the policy's fault. */
export type Departure =
  /** The trial itself ended the deployment. */
  | { kind: "asked-for" }
  /** The kernel wants it loaded again. */
  | { kind: "restart" }
  /** Somebody else's doing, which is told. */
  | { kind: "not-its-fault"; finding: Finding };

export interface Trial {
  id: string;
  /** What is looked at, in a few words: for progress. */
  title: string;
  workload: Workload;
  /** Since the release: not judged before `min`, ended at `max`. */
  windowMs: { min: number; max: number };
  disturbances: readonly Disturbance[];
  /** Entries whose output is judged. */
  outputOf: readonly string[];
  /** Whether nothing more would be learnt by going on. Asked from windowMs.min on; may look each time. */
  enough(observations: readonly Observation[]): boolean;
  /** The policy was live to the end, or left as `departure` allows. */
  judge(record: TrialRecord): Finding[];
  /** Null: the policy's own fault. */
  departure(exit: ExitRecord): Departure | null;
}

/** What most trials have in common. */
export const plainTrial = {
  disturbances: [],
  outputOf: [],
  departure: () => null,
} satisfies Partial<Trial>;
