// Stages load and exercise: a real deployment on a throw-away node. The kernel's own verifier and
// watchdog judge it first; then a short mix of tasks, and the workload where one is given. What a policy
// does to those that compete for too few CPUs is for the simulator to find out.

import { SchedcpError } from "../../contract/errors.ts";
import type { NodeLease, NodeRequest } from "../../contract/node.ts";
import type {
  DeploymentStatus,
  Imposed,
  NodeParams,
  RunReport,
} from "../../contract/node-protocol.ts";
import type { Finding, Verdict } from "../../contract/verdict.ts";
import { type Workload, workloadSchema } from "../../contract/workload.ts";
import { escapedTail } from "../analysis/escaped-text.ts";
import { type DeployablePolicy, loadRequest } from "../deployment/deployable-policy.ts";
import { ejectionFinding, panicFinding } from "./kernel-words.ts";
import { loadFinding } from "./load/load-finding.ts";
import type { StageOutcome } from "./stage-record.ts";
import type { VerifierContext } from "./verifier.ts";

/**
 * The node's watchdog while the mix below runs. The mix wants about as much CPU as the node has, so no
 * order of its tasks, no slice and no ageing can rightly keep one waiting for long: 1.2 s is a stall by
 * any measure. Where more tasks want to run than there are CPUs, a correct policy may make some wait
 * for as long as its parameters say: a workload runs under the watchdog that measuring has.
 */
const imposed: Imposed = { timeoutMs: 1200, partial: false };
/** The kernel scans every half time-out: a stall is seen within 1.5 time-outs. */
const exerciseMs = 2100;
const workloadMsMax = 10_000;
const callTimeoutMs = 30_000;
const attemptsMax = 3;

/** A hog, a chain of short processes, sleepers (one of them pinned): with what every image has. */
const mix: Workload = workloadSchema.parse({
  name: "exercise",
  run: [
    { name: "hog", command: "while :; do :; done" },
    { name: "forker", command: "while :; do /bin/true; done" },
    { name: "sleeper", count: 2, command: "while :; do sleep 0.1; done" },
    { name: "pinned", command: "exec taskset -c 0 sh -c 'while :; do sleep 0.1; done'" },
  ],
  objective: { metric: "makespan", direction: "minimise" },
});

export interface ExerciseReport {
  load: { outcome: StageOutcome; durationMs: number };
  /** Null where the policy did not load. */
  exercise: { outcome: StageOutcome; durationMs: number } | null;
  evidence: Verdict["evidence"];
}

/** Why an attempt says nothing of the policy. */
type Undecided = "emulator-death" | "host-busy";

const undecidedWords: Record<Undecided, string> = {
  "emulator-death": "the emulator lost the guest",
  "host-busy": "the host kept the guest's CPUs from running while its watchdog counted",
};

/**
 * A guest whose CPUs wait for the host's can stall without any fault of its scheduler. Above this
 * share of its CPU time stolen, an ejection is not believed.
 */
const stealShareMax = 0.25;

/** The node that an exercise takes place on. */
export function leaseForExercise(
  workload: Workload | null,
  { nodes, progress, signal }: VerifierContext,
): Promise<NodeLease> {
  return nodes.lease(nodeRequest(workload), {
    progress,
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Repeats what says nothing of the policy, a bounded number of times. `first`: the node of the first
 * attempt, asked for before; it is released here.
 */
export async function exercisePolicy(
  policy: DeployablePolicy,
  workload: Workload | null,
  first: Promise<NodeLease>,
  context: VerifierContext,
): Promise<ExerciseReport> {
  for (let retries = 0; ; retries++) {
    const lease = retries === 0 ? first : leaseForExercise(workload, context);
    const report = await attempt(policy, workload, lease, context);
    if (typeof report !== "string") {
      report.evidence.guestsRetried = retries;
      return report;
    }
    if (retries + 1 < attemptsMax) continue;
    const outcome = inconclusive(`${undecidedWords[report]}, ${attemptsMax} times in a row`);
    return { load: { outcome, durationMs: 0 }, exercise: null, evidence: {} };
  }
}

async function attempt(
  policy: DeployablePolicy,
  workload: Workload | null,
  leasing: Promise<NodeLease>,
  context: VerifierContext,
): Promise<ExerciseReport | Undecided> {
  const startedMs = performance.now();
  context.progress({ step: "verify", message: "stage load" });
  const lease = await leasing;
  const { environment } = lease;
  const evidence: Verdict["evidence"] = {
    kernel: environment.kernel,
    imageSha256: environment.imageSha256,
    accelerator: environment.accelerator,
    watchdogMs: imposed.timeoutMs,
  };
  let loadMs: number | null = null;
  try {
    const refusal = await load(
      lease,
      loadRequest(policy, hinted(policy, workload), imposed),
      context,
    );
    loadMs = performance.now() - startedMs;
    if (refusal !== null) {
      const outcome: StageOutcome = { status: "reject", findings: [refusal] };
      return { load: { outcome, durationMs: loadMs }, exercise: null, evidence };
    }
    context.progress({ step: "verify", message: "stage exercise" });
    const stolenBeforeMs = await lease.stealMs();
    const outcome = await exercise(lease, policy, workload, context);
    const durationMs = performance.now() - startedMs - loadMs;
    const stolenMs = (await lease.stealMs()) - stolenBeforeMs;
    const starved = stolenMs > stealShareMax * environment.cpus * durationMs;
    if (outcome.status === "reject" && starved) return "host-busy";
    return {
      load: { outcome: passed, durationMs: loadMs },
      exercise: { outcome, durationMs },
      evidence,
    };
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "node-lost") throw thrown;
    const outcome = await outcomeOfDeath(lease);
    if (typeof outcome === "string") return outcome;
    const durationMs = performance.now() - startedMs - (loadMs ?? 0);
    return loadMs === null
      ? { load: { outcome, durationMs }, exercise: null, evidence }
      : {
          load: { outcome: passed, durationMs: loadMs },
          exercise: { outcome, durationMs },
          evidence,
        };
  } finally {
    await lease.release();
  }
}

const passed: StageOutcome = { status: "pass", findings: [] };

function nodeRequest(workload: Workload | null): NodeRequest {
  if (workload === null) return { cpus: 2, memoryMib: 1024, programs: [] };
  const { cpus, memoryMib } = workload.measure;
  return { cpus, memoryMib, programs: workload.requires };
}

/** What the kernel has against it, or null once it is live. */
async function load(
  lease: NodeLease,
  request: NodeParams<"policy.load">,
  context: VerifierContext,
): Promise<Finding | null> {
  try {
    await lease.connection.call("policy.load", request, options(context));
    return null;
  } catch (thrown) {
    const finding = thrown instanceof SchedcpError ? loadFinding(thrown) : null;
    if (finding === null) throw thrown;
    return finding;
  }
}

/** Hints name entries of a workload; without one, the mix with those names added stands for it. */
function hinted(policy: DeployablePolicy, workload: Workload | null): Workload {
  if (workload !== null) return workload;
  const known = new Set(mix.run.map((entry) => entry.name));
  const names = Object.keys(policy.identity.parameters)
    .filter((key) => key.startsWith("hint."))
    .map((key) => key.slice(5))
    .filter((name) => !known.has(name));
  const entries = names.map((name) => ({ name, count: 1, command: "true", background: false }));
  return { ...mix, run: [...mix.run, ...entries] };
}

async function exercise(
  lease: NodeLease,
  policy: DeployablePolicy,
  workload: Workload | null,
  context: VerifierContext,
): Promise<StageOutcome> {
  const report = await run(lease, mix, exerciseMs, context);
  const fault = judge(report, await status(lease, context), "exercise");
  if (fault !== null || workload === null) return fault ?? passed;
  await lease.connection.call("policy.unload", {}, options(context));
  const refusal = await load(lease, loadRequest(policy, workload), context);
  if (refusal !== null) return { status: "reject", findings: [refusal] };
  const limitMs = Math.min(workloadMsMax, workload.measure.timeLimitSeconds * 1000);
  const own = await run(lease, workload, limitMs, context);
  return judge(own, await status(lease, context), workload.name) ?? passed;
}

function run(
  lease: NodeLease,
  workload: Workload,
  stopAfterMs: number,
  context: VerifierContext,
): Promise<RunReport> {
  return lease.connection.call(
    "workload.run",
    { workload, timeLimitMs: stopAfterMs + 5000, stopAfterMs, outputOf: [], trace: false },
    { ...options(context), timeoutMs: stopAfterMs + callTimeoutMs },
  );
}

function status(lease: NodeLease, context: VerifierContext): Promise<DeploymentStatus> {
  return lease.connection.call("policy.status", {}, options(context));
}

/** An ejection explains everything else, so it is looked at first. */
function judge(report: RunReport, now: DeploymentStatus, what: string): StageOutcome | null {
  if (now.state !== "live") return { status: "reject", findings: [ejectionFinding(now.exit)] };
  if (report.outcome === "failed" && report.failure !== null) {
    const { entry, exitCode, signal, stderrTail } = report.failure;
    const how = signal === null ? `ended with ${exitCode}` : `died of ${signal}`;
    return inconclusive(`a task of ${what} (${entry}) ${how}: ${escapedTail(stderrTail, 200)}`);
  }
  const starved = report.tasks.filter(
    (task) => task.userMs + task.systemMs === 0 && task.runs <= 1,
  );
  if (what !== "exercise" || starved.length === 0) return null;
  const names = [...new Set(starved.map((task) => task.entry))].join(", ");
  const finding: Finding = {
    rule: "exercise/no-progress",
    severity: "error",
    message: `in ${exerciseMs / 1000} s some runnable tasks got no CPU time at all: ${names}`,
    hint: "Every runnable task must be reached in bounded time: order by virtual time, or let waiting raise a task's rank (ageing).",
  };
  return { status: "reject", findings: [finding] };
}

async function outcomeOfDeath(lease: NodeLease): Promise<StageOutcome | Undecided> {
  const death = await lease.causeOfDeath();
  if (death?.kind === "emulator") return "emulator-death";
  if (death?.kind === "kernel-panic")
    return { status: "reject", findings: [panicFinding(death.log)] };
  return inconclusive("the guest hung or went away, and nobody knows why");
}

function inconclusive(message: string): StageOutcome {
  const hint = "Run `schedcp verify` again; if it stays so, the policy may block the whole guest.";
  const finding: Finding = { rule: "exercise/undecided", severity: "warning", message, hint };
  return { status: "inconclusive", findings: [finding] };
}

function options(context: VerifierContext): { timeoutMs: number; signal?: AbortSignal } {
  const { signal } = context;
  return { timeoutMs: callTimeoutMs, ...(signal === undefined ? {} : { signal }) };
}
