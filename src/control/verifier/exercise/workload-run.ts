// The user's workload under the policy, once, in a guest as the workload wants it, for a few seconds:
// whether the kernel keeps the policy and the commands succeed. No measurement. Called by exercise.ts.

import { SchedcpError } from "../../../contract/errors.ts";
import type { NodeLease } from "../../../contract/node.ts";
import type { Finding, Verdict } from "../../../contract/verdict.ts";
import type { Workload } from "../../../contract/workload.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import {
  type DeployablePolicy,
  imposedWhileMeasuring,
  loadRequest,
} from "../../deployment/deployable-policy.ts";
import { ejectionFinding, panicFinding } from "../kernel-words.ts";
import { loadFinding } from "../load/load-finding.ts";
import type { StageOutcome } from "../stage-record.ts";
import type { VerifierContext } from "../verifier.ts";
import { isBelieved } from "./conclusion.ts";
import { undecidedFinding } from "./undecided.ts";

const workloadMsMax = 10_000;
const callMsMax = 30_000;
const attemptsMax = 3;

export interface WorkloadExercise {
  policy: DeployablePolicy;
  workload: Workload;
  context: VerifierContext;
  /** For a comparison with the default scheduler, ms. */
  budgetMs: number;
  /** Wall clock, ms. */
  now: () => number;
}

export interface WorkloadOutcome {
  outcome: StageOutcome;
  evidence: Verdict["evidence"];
}

/** Under the watchdog that measuring has. Repeats what the emulator or the host spoilt. */
export async function exerciseWorkload(given: WorkloadExercise): Promise<WorkloadOutcome> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(given);
    if (outcome !== "spoilt") return { outcome, evidence: {} };
    if (attempts < attemptsMax) continue;
    const message = `the emulator or a busy host spoilt ${given.workload.name}, ${attempts} times in a row`;
    return { outcome: inconclusive(message), evidence: {} };
  }
}

async function attempt(given: WorkloadExercise): Promise<StageOutcome | "spoilt"> {
  const { workload, context } = given;
  const { cpus, memoryMib } = workload.measure;
  const request = { cpus, memoryMib, programs: workload.requires };
  const { nodes, progress, signal } = context;
  const lease = await nodes.lease(request, {
    progress,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return await runOn(lease, given);
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "node-lost") throw thrown;
    const death = await lease.causeOfDeath();
    if (death?.kind === "emulator") return "spoilt";
    if (death?.kind === "kernel-panic") return rejected(panicFinding(death.log));
    return inconclusive("the guest hung or went away, and nobody knows why");
  } finally {
    await lease.release();
  }
}

async function runOn(
  lease: NodeLease,
  { policy, workload, context }: WorkloadExercise,
): Promise<StageOutcome | "spoilt"> {
  const { connection } = lease;
  const { signal } = context;
  const options = { timeoutMs: callMsMax, ...(signal === undefined ? {} : { signal }) };
  try {
    await connection.call("policy.load", loadRequest(policy, workload), options);
  } catch (thrown) {
    const refusal = thrown instanceof SchedcpError ? loadFinding(thrown) : null;
    if (refusal === null) throw thrown;
    return rejected(refusal);
  }
  const stopAfterMs = Math.min(workloadMsMax, workload.measure.timeLimitSeconds * 1000);
  const stolenBeforeMs = await lease.stealMs();
  const startedMs = performance.now();
  const report = await connection.call(
    "workload.run",
    { workload, timeLimitMs: stopAfterMs + 5000, stopAfterMs, outputOf: [], trace: false },
    { ...options, timeoutMs: stopAfterMs + callMsMax },
  );
  const cpuMs = (performance.now() - startedMs) * workload.measure.cpus;
  const stealShare = ((await lease.stealMs()) - stolenBeforeMs) / cpuMs;
  const status = await connection.call("policy.status", {}, options);
  if (status.state !== "live") {
    const finding = ejectionFinding(status.exit);
    return isBelieved(finding, stealShare, imposedWhileMeasuring.timeoutMs)
      ? rejected(finding)
      : "spoilt";
  }
  if (report.outcome !== "failed" || report.failure === null) {
    return { status: "pass", findings: [] };
  }
  const { entry, exitCode, signal: by, stderrTail } = report.failure;
  const how = by === null ? `ended with ${exitCode}` : `died of ${escapedTail(by, 16)}`;
  const what = `a task of ${workload.name} (${escapedTail(entry, 48)}) ${how}`;
  return inconclusive(`${what}: ${escapedTail(stderrTail, 200)}`);
}

function rejected(finding: Finding): StageOutcome {
  return { status: "reject", findings: [finding] };
}

function inconclusive(message: string): StageOutcome {
  return { status: "inconclusive", findings: [undecidedFinding(message)] };
}
