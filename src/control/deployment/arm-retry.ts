// An arm as measuring sees it: repeated where the emulator lost the guest, and its faults put into
// words. A fault of the default scheduler's arm is an error of the workload or the node; one of a
// candidate's arm is a finding on the candidate. Called by measure.ts, screen.ts and profile.ts.

import { SchedcpError } from "../../contract/errors.ts";
import type { Finding } from "../../contract/verdict.ts";
import { escapedTail } from "../analysis/escaped-text.ts";
import { type ArmOutcome, type ArmRequest, attemptArm } from "./arm.ts";

/** About 1 in 200 attaches dies of the emulator: four in a row is something else. */
export const emulatorRetriesMax = 3;
/** A node that is gone without a cause is tried once more: the host may have been short of memory. */
export const goneRetriesMax = 1;

export interface Arm<Outcome extends ArmOutcome = ArmOutcome> {
  outcome: Outcome;
  guestsRetried: number;
  /** From lease to release, with retries. */
  seconds: number;
}

export type FinishedArm = Arm<Extract<ArmOutcome, { kind: "finished" }>>;
export type Fault = Exclude<ArmOutcome, { kind: "finished" }>;

/** Throws `node-lost` once the retries are used up by the emulator. */
export async function runArm(request: ArmRequest): Promise<Arm> {
  const startedMs = request.now();
  for (let emulatorDeaths = 0, lost = 0; ; ) {
    const outcome = await attemptArm(request);
    if (outcome.kind === "emulator-death") {
      emulatorDeaths++;
      if (emulatorDeaths > emulatorRetriesMax) throw emulatorGaveUp(outcome.log);
    } else if (outcome.kind === "lost" && lost < goneRetriesMax) lost++;
    else {
      const seconds = (request.now() - startedMs) / 1000;
      return { outcome, guestsRetried: emulatorDeaths + lost, seconds };
    }
  }
}

export function isFinished(arm: Arm): arm is FinishedArm {
  return arm.outcome.kind === "finished";
}

function emulatorGaveUp(log: string[]): SchedcpError {
  return new SchedcpError(
    "node-lost",
    `the emulator lost ${emulatorRetriesMax + 1} guests in a row`,
    {
      hint: "Run it again; with KVM (see `schedcp doctor`) this does not happen.",
      details: { log: log.map((line) => escapedTail(line, 300)) },
    },
  );
}

/** What went wrong under the default scheduler, as the error that it is. */
export function defaultArmError(fault: Fault): SchedcpError {
  switch (fault.kind) {
    case "task-failed":
      return taskError(fault, "the kernel's default scheduler");
    case "timed-out":
      return new SchedcpError(
        "workload-timed-out",
        `the workload did not end within ${fault.timeLimitMs / 1000} s under the default scheduler`,
        { hint: "Raise `measure.timeLimitSeconds` in the workload, or make its commands smaller." },
      );
    case "panicked":
      return new SchedcpError("node-lost", "the guest's kernel panicked without a policy loaded", {
        hint: "Run it again; if it happens again, choose another kernel (`schedcp setup --kernel`).",
        details: { log: fault.log.map((line) => escapedTail(line, 300)) },
      });
    case "lost":
      return new SchedcpError("node-lost", "the node was lost twice in one run", {
        hint: "Check that the machine has memory to spare for the guest, then run it again.",
        details: { log: (fault.death?.log ?? []).map((line) => escapedTail(line, 300)) },
      });
    case "ejected":
    case "not-loaded":
      throw new Error(`an arm without a policy ended as ${fault.kind}`);
  }
}

/** What went wrong under a candidate, as an error that voids the whole measurement. */
export function candidateArmError(fault: Fault): SchedcpError {
  if (fault.kind === "not-loaded") return fault.error;
  if (fault.kind === "task-failed") return taskError(fault, "the candidate");
  const finding = candidateFinding(fault);
  return new SchedcpError("policy-failed", finding.message, {
    hint: finding.hint,
    details: { finding },
  });
}

/** What went wrong under a candidate, where measuring the others goes on. */
export function candidateFinding(fault: Fault): Finding {
  switch (fault.kind) {
    case "ejected":
      return finding("measure/ejected", `the kernel ejected the policy: ${exitText(fault)}`, {
        hint: "Every runnable task must get a CPU, whatever it is named: check which tasks no dispatch path takes.",
      });
    case "panicked":
      return finding("measure/kernel-panic", "the guest's kernel panicked under the policy", {
        hint: `The console's last lines: ${escapedTail(fault.log.join("\n"), 600)}`,
      });
    case "lost":
      return finding("measure/node-lost", "the node was lost twice under the policy", {
        hint: "The cause is not known; the policy may have starved the node daemon. Measure it again.",
        severity: "warning",
      });
    case "timed-out":
      return finding(
        "measure/too-slow",
        `the workload did not end within ${(fault.timeLimitMs / 1000).toFixed(1)} s under the policy`,
        { hint: "Under the default scheduler it did. Look for tasks that wait while CPUs idle." },
      );
    case "task-failed": {
      const error = taskError(fault, "the candidate");
      return finding("measure/task-failed", error.message, { hint: error.hint });
    }
    case "not-loaded":
      return finding("measure/not-loaded", fault.error.message, { hint: fault.error.hint });
  }
}

function finding(
  rule: string,
  message: string,
  rest: { hint: string; severity?: Finding["severity"] },
): Finding {
  return { rule, severity: rest.severity ?? "error", message, hint: rest.hint };
}

function exitText(fault: Extract<Fault, { kind: "ejected" }>): string {
  if (fault.exit === null) return "no reason is known";
  const { reason, message } = fault.exit;
  return escapedTail(message === "" ? reason : `${reason} (${message})`, 400);
}

function taskError(fault: Extract<Fault, { kind: "task-failed" }>, under: string): SchedcpError {
  const { entry, index, command, exitCode, signal, stderrTail } = fault.failure;
  const name = escapedTail(entry, 48);
  const how =
    signal === null
      ? `ended with exit code ${exitCode}`
      : `was killed by ${escapedTail(signal, 16)}`;
  const said =
    stderrTail.trim() === "" ? "It said nothing." : `It said: "${escapedTail(stderrTail, 500)}"`;
  return new SchedcpError("workload-failed", `${name}[${index}] ${how} under ${under}`, {
    hint: `${said} The command was: ${escapedTail(command, 200)}`,
    details: { entry: name, index, exitCode, signal, stderrTail: escapedTail(stderrTail, 2048) },
  });
}
