// The trials of one group in one guest: loads the policy, runs them one after the other, loads it again
// where a trial ended the deployment, ends at the first error. Called by exercise.ts.

import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../../../contract/errors.ts";
import type { NodeLease } from "../../../contract/node.ts";
import type { Imposed } from "../../../contract/node-protocol.ts";
import type { Finding } from "../../../contract/verdict.ts";
import { type Conclusion, concludeTrial, isBelieved } from "./conclusion.ts";
import type { ExerciseRecord } from "./exercise-record.ts";
import type { Subject } from "./subject.ts";
import { type Trial, type TrialRecord, trialCpus } from "./trial.ts";
import { runTrial } from "./trial-run.ts";
import { revertMs } from "./trials/revert.ts";
import type { TrialGroup } from "./trials.ts";

const callMsMax = 30_000;
/** SCX_WATCHDOG_MAX_TIMEOUT. */
const watchdogMsMax = 30_000;
/** Of a trial whose result a busy host may have caused. */
const attemptsMax = 3;
/** Each attempt has a watchdog so many times as long as the one before. */
const patienceFactor = 4;

export interface SessionParts {
  lease: NodeLease;
  subject: Subject;
  record: ExerciseRecord;
  announce: (trial: Trial) => void;
  signal: AbortSignal | undefined;
}

/** Null: all said what they had to say, in the record. Else why this attempt says nothing. */
export type SessionEnd = null | "host-busy" | "trial-fails-anyway" | "too-long";

export async function runGroup(parts: SessionParts, group: TrialGroup): Promise<SessionEnd> {
  const { record } = parts;
  let live = false;
  let watchdogMs = 0;
  for (const trial of group.trials) {
    parts.announce(trial);
    for (let attempts = 1; ; attempts++) {
      if (record.isTooLong) return "too-long";
      const patience = patienceFactor ** (attempts - 1);
      if (!live) {
        watchdogMs = Math.min(group.imposed.timeoutMs * patience, watchdogMsMax);
        const imposed = { ...group.imposed, timeoutMs: watchdogMs };
        const { result: refusal, stealShare } = await stealing(parts.lease, () =>
          load(parts, imposed),
        );
        if (refusal !== null && !isBelieved(refusal, stealShare, watchdogMs)) return "host-busy";
        record.loaded(refusal);
        if (refusal !== null) return null;
      }
      const tried = await tryOut(parts, patient(trial, patience), watchdogMs);
      live = !tried.left;
      if (tried.taskFailed && (await failsAnyway(parts, trial))) return "trial-fails-anyway";
      if (tried.isBelieved) {
        record.tried(trial.id, tried.findings, tried);
        break;
      }
      if (attempts === attemptsMax) return "host-busy";
    }
    if (record.isRejected) return null;
  }
  if (live) await unload(parts);
  return null;
}

interface Tried extends Conclusion {
  /** False: what speaks against the policy can be the busy host's doing. */
  isBelieved: boolean;
  revertMs: number | null;
}

async function tryOut(
  { lease, signal }: SessionParts,
  trial: Trial,
  watchdogMs: number,
): Promise<Tried> {
  const { result: ran, stealShare } = await stealing(lease, () =>
    runTrial(lease.connection, trial, signal),
  );
  const conclusion = concludeTrial(trial, ran);
  const findings = conclusion.findings.filter((finding) =>
    isBelieved(finding, stealShare, watchdogMs),
  );
  return {
    ...conclusion,
    findings,
    isBelieved: conclusion.findings.some(isError) === findings.some(isError),
    revertMs: revertOf(trial, ran),
  };
}

/** With the share of the guest's CPU time that the host kept from it meanwhile. */
async function stealing<T>(
  lease: NodeLease,
  work: () => Promise<T>,
): Promise<{ result: T; stealShare: number }> {
  const stolenBeforeMs = await lease.stealMs();
  const startedMs = performance.now();
  const result = await work();
  const elapsedMs = performance.now() - startedMs;
  const stealShare = ((await lease.stealMs()) - stolenBeforeMs) / (elapsedMs * trialCpus);
  return { result, stealShare };
}

/** A trial of fixed length lasts as much longer as its watchdog waits. */
function patient(trial: Trial, patience: number): Trial {
  const { min, max } = trial.windowMs;
  return min < max ? trial : { ...trial, windowMs: { min: min * patience, max: max * patience } };
}

const isError = ({ severity }: Finding) => severity === "error";

function revertOf(trial: Trial, ran: TrialRecord): number | null {
  return trial.id.startsWith("revert-") ? revertMs(ran) : null;
}

/** What there is against it, or null once it is live. */
async function load(
  { lease, subject, signal }: SessionParts,
  imposed: Imposed,
): Promise<Finding | null> {
  const loading = subject.loading(imposed);
  try {
    await loading(lease.connection, signal);
    return null;
  } catch (thrown) {
    const finding = thrown instanceof SchedcpError ? subject.refusal(thrown) : null;
    if (finding === null) throw thrown;
    return finding;
  }
}

async function unload({ lease, signal }: SessionParts): Promise<void> {
  await lease.connection.call("policy.unload", {}, options(callMsMax, signal));
}

/** Whether the trial's tasks fail under the kernel's default scheduler too. */
async function failsAnyway(parts: SessionParts, trial: Trial): Promise<boolean> {
  await unload(parts);
  const { connection } = parts.lease;
  // Orphans of the run before may still be on their way out.
  await delay(100);
  const { min } = trial.windowMs;
  const params = { workload: trial.workload, timeLimitMs: min + callMsMax, stopAfterMs: min };
  const report = await connection.call(
    "workload.run",
    { ...params, outputOf: [], trace: false },
    options(min + callMsMax, parts.signal),
  );
  return report.outcome !== "done";
}

function options(timeoutMs: number, signal: AbortSignal | undefined) {
  return { timeoutMs, ...(signal === undefined ? {} : { signal }) };
}
