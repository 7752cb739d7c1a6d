// Stages load and exercise: real deployments on throw-away guests. The kernel's own verifier judges
// first; then the trials (trials.ts), each as long as it needs to be decided; then the workload, where
// one is given. Called by verifier.ts.

import { SchedcpError } from "../../../contract/errors.ts";
import type { NodeLease, Progress } from "../../../contract/node.ts";
import type { Workload } from "../../../contract/workload.ts";
import type { DeployablePolicy } from "../../deployment/deployable-policy.ts";
import { panicFinding } from "../kernel-words.ts";
import type { PolicySource } from "../load/source-anchor.ts";
import type { VerifierContext } from "../verifier.ts";
import { ExerciseRecord, type ExerciseReport } from "./exercise-record.ts";
import { comparePerformance } from "./performance.ts";
import { policySubject, type Subject } from "./subject.ts";
import type { Trial } from "./trial.ts";
import { trialNode } from "./trial-node.ts";
import { runGroup, type SessionEnd } from "./trial-session.ts";
import { type TrialGroup, trialGroups } from "./trials.ts";
import { undecidedFinding } from "./undecided.ts";
import { exerciseWorkload } from "./workload-run.ts";

const guestsMax = 3;

export interface ExerciseOptions {
  /**
   * Time for a comparison with the default scheduler on the workload, ms. 0: the workload only runs
   * once under the policy, for a few seconds.
   */
  performanceMs?: number;
  /** Other trials than all. */
  groups?: readonly TrialGroup[];
  /** Of the policy: some refusals of the kernel's name no line, and it is looked for there. */
  source?: PolicySource | null;
}

/** The node that trials take place on. */
export function leaseForExercise({ nodes, progress, signal }: VerifierContext): Promise<NodeLease> {
  return nodes.lease(trialNode, { progress, ...(signal === undefined ? {} : { signal }) });
}

/** Why an attempt says nothing of the policy. */
type Undecided = NonNullable<SessionEnd> | "emulator-death" | "gone";

const undecidedWords: Record<Undecided, string> = {
  "emulator-death": "the emulator lost the guest",
  "host-busy": "the host kept the guest's CPUs from running while time was counted",
  "trial-fails-anyway": "a trial's own tasks fail under the kernel's default scheduler too",
  "too-long": "the trials take too long to be decided",
  gone: "the guest hung or went away, and nobody knows why",
};
/**
 * `first`: the node of the first attempt, asked for before; it is released here. What says nothing of the
 * policy is repeated a bounded number of times, from the group of trials on in which it happened.
 */
export async function exercisePolicy(
  policy: DeployablePolicy,
  workload: Workload | null,
  first: Promise<NodeLease>,
  context: VerifierContext,
  { performanceMs = 0, groups = trialGroups, source = null }: ExerciseOptions = {},
): Promise<ExerciseReport> {
  const record = new ExerciseRecord();
  const subject = policySubject(policy, source);
  const { progress, signal } = context;
  const again = () => leaseForExercise(context);
  const isDecided = await runTrials({ subject, groups, first, again, progress, signal }, record);
  if (isDecided && workload !== null && !record.isRejected) {
    progress({ step: "verify", message: `exercise: the workload ${workload.name}` });
    const exercise = performanceMs > 0 ? comparePerformance : exerciseWorkload;
    const budgetMs = performanceMs;
    record.add(await exercise({ policy, workload, context, budgetMs, now: Date.now }));
  }
  return record.report();
}

export interface TrialRuns {
  subject: Subject;
  groups: readonly TrialGroup[];
  /** The first attempt's node, and those of further ones; all are released here. */
  first: Promise<NodeLease>;
  again: () => Promise<NodeLease>;
  progress: Progress;
  signal: AbortSignal | undefined;
}

/** What is found goes into the record. False: undecided, which the record says too. */
export async function runTrials(runs: TrialRuns, record: ExerciseRecord): Promise<boolean> {
  runs.progress({ step: "verify", message: "stage load" });
  const left = [...runs.groups];
  for (let lease = runs.first; ; lease = runs.again()) {
    const end = await attempt(runs, left, lease, record);
    if (end === null) return true;
    if (end !== "emulator-death" || record.guestsRetried + 1 >= guestsMax) {
      record.undecided(undecidedFinding(undecidedWords[end]));
      return false;
    }
    record.guestLost();
  }
}

/** Null: the record says what there is to say. Takes from `left` what is done. */
async function attempt(
  { subject, progress, signal }: TrialRuns,
  left: TrialGroup[],
  leasing: Promise<NodeLease>,
  record: ExerciseRecord,
): Promise<Undecided | null> {
  const lease = await leasing;
  record.on(lease);
  const announce = ({ title }: Trial) =>
    progress({ step: "verify", message: `exercise: ${title}` });
  try {
    for (let group = left[0]; group !== undefined; group = left[0]) {
      record.beginGroup();
      const end = await runGroup({ lease, subject, record, announce, signal }, group);
      if (end !== null) return end;
      if (record.isRejected) return null;
      left.shift();
    }
    return null;
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "node-lost") throw thrown;
    const death = await lease.causeOfDeath();
    if (death?.kind === "emulator") return "emulator-death";
    if (death?.kind !== "kernel-panic") return "gone";
    record.rejected(panicFinding(death.log));
    return null;
  } finally {
    await lease.release();
  }
}
