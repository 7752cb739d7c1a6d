// Stages load and exercise: real deployments on throw-away guests. The kernel's own verifier judges
// first; then the trials (trials.ts), each as long as it needs to be decided; then the workload, where
// one is given. Called by verifier.ts.

import { SchedcpError } from "../../../contract/errors.ts";
import type { NodeLease } from "../../../contract/node.ts";
import type { Workload } from "../../../contract/workload.ts";
import { type DeployablePolicy, loadRequest } from "../../deployment/deployable-policy.ts";
import { splitParameters } from "../../simulation/split-parameters.ts";
import { panicFinding } from "../kernel-words.ts";
import type { PolicySource } from "../load/source-anchor.ts";
import type { VerifierContext } from "../verifier.ts";
import { ExerciseRecord, type ExerciseReport } from "./exercise-record.ts";
import { comparePerformance } from "./performance.ts";
import type { Trial } from "./trial.ts";
import { trialNode } from "./trial-node.ts";
import { runGroup, type SessionEnd } from "./trial-session.ts";
import { trialWorkload } from "./trial-workload.ts";
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
  "host-busy": "the host kept the guest's CPUs from running while its watchdog counted",
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
  context.progress({ step: "verify", message: "stage load" });
  const left = [...groups];
  for (let lease = first; ; lease = leaseForExercise(context)) {
    const end = await attempt({ policy, source }, left, lease, record, context);
    if (end === null) break;
    if (end !== "emulator-death" || record.guestsRetried + 1 >= guestsMax) {
      record.undecided(undecidedFinding(undecidedWords[end]));
      return record.report();
    }
    record.guestLost();
  }
  if (workload !== null && !record.isRejected) {
    context.progress({ step: "verify", message: `exercise: the workload ${workload.name}` });
    const exercise = performanceMs > 0 ? comparePerformance : exerciseWorkload;
    const budgetMs = performanceMs;
    record.add(await exercise({ policy, workload, context, budgetMs, now: Date.now }));
  }
  return record.report();
}

/** Null: the record says what there is to say. Takes from `left` what is done. */
async function attempt(
  { policy, source }: { policy: DeployablePolicy; source: PolicySource | null },
  left: TrialGroup[],
  leasing: Promise<NodeLease>,
  record: ExerciseRecord,
  { progress, signal }: VerifierContext,
): Promise<Undecided | null> {
  const lease = await leasing;
  record.on(lease);
  const announce = ({ title }: Trial) =>
    progress({ step: "verify", message: `exercise: ${title}` });
  try {
    for (let group = left[0]; group !== undefined; group = left[0]) {
      const request = loadRequest(policy, nominalWorkload(policy), group.imposed);
      record.beginGroup();
      const end = await runGroup({ lease, request, source, record, announce, signal }, group);
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

/** Hints name entries of a workload that trials don't run; this one has them all. */
function nominalWorkload(policy: DeployablePolicy): Workload {
  const names = Object.keys(splitParameters(policy.identity.parameters).hints);
  return trialWorkload(
    "trials",
    ["trial", ...names].map((name) => ({ name, command: "true" })),
  );
}
