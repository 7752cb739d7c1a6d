// What one trial's record says of the policy. Pure. Called by trial-session.ts.

import type { Finding } from "../../../contract/verdict.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import { ejectionFinding } from "../kernel-words.ts";
import type { Trial, TrialRecord } from "./trial.ts";
import { basicWatchdogMs } from "./trials/basic.ts";

export interface Conclusion {
  findings: Finding[];
  /** The policy is not live any more. */
  left: boolean;
  /** The kernel asked for it to be loaded again. */
  restart: boolean;
  /** A task of the trial itself failed, which it never does under the default scheduler: to be checked. */
  taskFailed: boolean;
}

/** An ejection explains everything else, so it is looked at first. */
export function concludeTrial(trial: Trial, record: TrialRecord): Conclusion {
  const { status, report, fault } = record;
  const nothing = { findings: [], left: false, restart: false, taskFailed: false };
  if (status.state !== "live") {
    const departure = status.exit === null ? null : trial.departure(status.exit);
    const left = { ...nothing, left: true };
    switch (departure?.kind) {
      case "restart":
        return { ...left, restart: true };
      case "asked-for":
        return { ...left, findings: trial.judge(record) };
      case "not-its-fault":
        return { ...left, findings: [departure.finding] };
      default:
        return { ...left, findings: ejectionFindings(trial, record) };
    }
  }
  if (report?.outcome === "failed" || (fault !== null && !fault.isKill)) {
    return { ...nothing, findings: [taskFailedFinding(trial, record)], taskFailed: true };
  }
  const findings = [...trial.judge(record), ...undisturbedNotes(trial, record)];
  if (fault?.isKill && findings.length === 0) findings.push(unkillableFinding(trial));
  return { ...nothing, findings };
}

/** A stall that comes when the trial was over anyway: what was seen until then says more. */
function ejectionFindings(trial: Trial, record: TrialRecord): Finding[] {
  const seenMs = record.observations.at(-1)?.atMs ?? 0;
  const ejection = ejectionFinding(record.status.exit);
  return seenMs < trial.windowMs.max ? [ejection] : [ejection, ...trial.judge(record)];
}

/** What a trial could not do is said: it does not count as stood. */
function undisturbedNotes(trial: Trial, { disturbances }: TrialRecord): Finding[] {
  return disturbances
    .filter(({ failure }) => failure !== null)
    .map(({ kind, failure }) => ({
      rule: "exercise/undisturbed",
      severity: "note",
      message: `the trial ${trial.id} went without ${escapedTail(kind, 32)}: ${escapedTail(failure ?? "", 200)}`,
      hint: "This kernel or guest does not allow it: how the policy stands it is not known.",
    }));
}

/** Whoever gets no CPU can't die. */
function unkillableFinding(trial: Trial): Finding {
  return {
    rule: "exercise/unkillable",
    severity: "error",
    message: `processes of the trial ${trial.id} did not die within 10 s of being killed: they get no CPU time`,
    hint: "A task that was killed must run once more to die: on every path of enqueue insert the task into a queue that some CPU drains, also after CPUs went and came back.",
  };
}

function taskFailedFinding(trial: Trial, record: TrialRecord): Finding {
  return {
    rule: "exercise/task-failed",
    severity: "error",
    message: `${failureWords(record)} in the trial ${trial.id}, under the policy and not without it`,
    hint: "init_task, cgroup_* and enable run for every task on the machine: an error from them makes its fork fail. Return an error only where an allocation failed, and let exit_task give back what init_task took.",
  };
}

function failureWords({ report, fault }: TrialRecord): string {
  if (fault !== null) return `the node can't start processes (${escapedTail(fault.message, 200)})`;
  const failure = report?.failure ?? null;
  if (failure === null) return "a task failed";
  const { entry, exitCode, signal, stderrTail } = failure;
  const how = signal === null ? `ended with ${exitCode}` : `died of ${escapedTail(signal, 16)}`;
  const said = escapedTail(stderrTail, 200);
  return `a task (${escapedTail(entry, 48)}) ${how}${said === "" ? "" : `, saying "${said}"`},`;
}

/** Findings that a guest whose CPUs wait for the host's can cause without any fault of its scheduler. */
const causedBySteal: ReadonlySet<string> = new Set([
  "exercise/stall",
  "exercise/revert",
  "exercise/unkillable",
  "exercise/wake-latency",
  "load/no-scheduler",
]);

/** Above this share of its CPU time stolen, a guest's delays are not believed. */
const stealShareMax = 0.25;
/**
 * Shares of CPU time that tasks of one run have are believed longer: what the host steals, it steals
 * from all of them. But of 15 s there must be enough left for everybody's turn, so 4 s at least.
 */
const stealShareMaxOfStarved = 0.75;

export function isBelieved(finding: Finding, stealShare: number, watchdogMs: number): boolean {
  if (finding.rule === "exercise/starved") return stealShare <= stealShareMaxOfStarved;
  if (stealShare <= stealShareMax || !causedBySteal.has(finding.rule)) return true;
  // A wait so long that what was left of it is as much as the quick watchdog's on an idle host.
  const leftMs = watchdogMs * (1 - stealShare);
  return finding.rule === "exercise/stall" && leftMs >= basicWatchdogMs * (1 - stealShareMax);
}
