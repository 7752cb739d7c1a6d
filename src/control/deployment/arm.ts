// One arm: a fresh node, one policy (or the kernel's default), a warm-up, one measured run. What a
// policy does wrong is an outcome, not an exception. One attempt here; arm-retry.ts repeats those
// that the emulator lost. `NodeSource.lease` hands out nodes that are awake already (`node.wake`).

import { SchedcpError } from "../../contract/errors.ts";
import type { Environment, RunSample } from "../../contract/measurement.ts";
import type {
  NodeDeath,
  NodeLease,
  NodeRequest,
  NodeSource,
  Progress,
} from "../../contract/node.ts";
import type {
  DeploymentStatus,
  ExitRecord,
  NodeParams,
  RunReport,
  TaskFailure,
} from "../../contract/node-protocol.ts";
import type { Workload } from "../../contract/workload.ts";
import { entriesWithOutput, runMetrics } from "../analysis/metrics.ts";
import { type DeployablePolicy, loadRequest } from "./deployable-policy.ts";

export interface ArmRequest {
  nodes: NodeSource;
  workload: Workload;
  /** Null: the kernel's default scheduler. */
  policy: DeployablePolicy | null;
  /** Bound of the measured run; the workload's own limit, or less for a candidate. */
  timeLimitMs: number;
  /** Attach the built-in probe to the measured run (which then is not to be counted). */
  trace?: boolean;
  /** Wall clock, ms. */
  now: () => number;
  progress?: Progress;
  signal?: AbortSignal;
}

export type ArmOutcome =
  | { kind: "finished"; sample: RunSample; report: RunReport; environment: Environment }
  /** The kernel threw the policy out. */
  | { kind: "ejected"; exit: ExitRecord | null }
  /** The guest's kernel panicked, and not in the emulator's own way. */
  | { kind: "panicked"; log: string[] }
  /** The node was lost and nobody knows why: says nothing of the policy. */
  | { kind: "lost"; death: NodeDeath | null }
  | { kind: "timed-out"; timeLimitMs: number }
  | { kind: "task-failed"; failure: TaskFailure }
  | { kind: "not-loaded"; error: SchedcpError };

/** The node died in the emulator's own way: run the arm again. */
export interface EmulatorDeath {
  kind: "emulator-death";
  log: string[];
}

/** The lease that every arm of this workload asks for. */
export function nodeRequest(workload: Workload): NodeRequest {
  const { cpus, memoryMib } = workload.measure;
  return { cpus, memoryMib, programs: workload.requires, measured: true };
}

/** Throws only what is nobody's outcome: interrupted, no node to be had, a faulty workload. */
export async function attemptArm(request: ArmRequest): Promise<ArmOutcome | EmulatorDeath> {
  const lease = await request.nodes.lease(nodeRequest(request.workload), {
    ...(request.progress === undefined ? {} : { progress: request.progress }),
    ...callOptions(request),
  });
  try {
    return await runOn(lease, request);
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "node-lost") throw thrown;
    return await outcomeOfDeath(lease);
  } finally {
    await lease.release();
  }
}

async function runOn(lease: NodeLease, request: ArmRequest): Promise<ArmOutcome> {
  const { policy, workload, now } = request;
  const refused = policy === null ? null : await load(lease, policy, request);
  if (refused !== null) return { kind: "not-loaded", error: refused };

  const warmUpMs = Math.round(workload.measure.warmUpSeconds * 1000);
  if (warmUpMs > 0) {
    const warmUp = await run(lease, request, warmUpMs);
    const fault = await faultOf(lease, request, warmUp);
    if (fault !== null) return fault;
  }

  const stolenBeforeMs = await lease.stealMs();
  const startedMs = now();
  const report = await run(lease, request, null);
  const elapsedMs = now() - startedMs;
  const stolenMs = (await lease.stealMs()) - stolenBeforeMs;
  const fault = await faultOf(lease, request, report);
  if (fault !== null) return fault;
  const cpuTimeMs = lease.environment.cpus * elapsedMs;
  return {
    kind: "finished",
    environment: lease.environment,
    report,
    sample: {
      metrics: runMetrics(report, workload),
      tasks: report.tasks,
      stealPercent: cpuTimeMs > 0 ? (stolenMs / cpuTimeMs) * 100 : 0,
    },
  };
}

/** The error with which the node refused the policy, or null. */
async function load(
  lease: NodeLease,
  policy: DeployablePolicy,
  request: ArmRequest,
): Promise<SchedcpError | null> {
  try {
    await lease.connection.call(
      "policy.load",
      loadRequest(policy, request.workload),
      callOptions(request),
    );
    return null;
  } catch (thrown) {
    const refusals = ["load-rejected", "load-failed", "parameter-invalid", "policy-invalid"];
    if (thrown instanceof SchedcpError && refusals.includes(thrown.code)) return thrown;
    throw thrown;
  }
}

function run(
  lease: NodeLease,
  request: ArmRequest,
  stopAfterMs: number | null,
): Promise<RunReport> {
  const params: NodeParams<"workload.run"> = {
    workload: request.workload,
    timeLimitMs: Math.round(request.timeLimitMs),
    stopAfterMs,
    outputOf: stopAfterMs === null ? entriesWithOutput(request.workload) : [],
    trace: stopAfterMs === null && request.trace === true,
  };
  return lease.connection.call("workload.run", params, callOptions(request));
}

/** Null where the run counts: the tasks succeeded and what ran them is what should have. */
async function faultOf(
  lease: NodeLease,
  request: ArmRequest,
  report: RunReport,
): Promise<ArmOutcome | null> {
  const status = await lease.connection.call("policy.status", {}, callOptions(request));
  if (request.policy === null) assertDefaultScheduler(status);
  // An ejection explains a failed or late task, so it is looked at first.
  else if (status.state !== "live") return { kind: "ejected", exit: status.exit };
  if (report.outcome === "timed-out") {
    return { kind: "timed-out", timeLimitMs: request.timeLimitMs };
  }
  if (report.outcome === "done") return null;
  if (report.failure === null) {
    throw new SchedcpError(
      "protocol",
      "the node reported a failed run without saying what failed",
      {
        hint: "The node daemon and schedcp do not fit: run `schedcp setup` to make the image anew.",
      },
    );
  }
  return { kind: "task-failed", failure: report.failure };
}

function assertDefaultScheduler(status: DeploymentStatus): void {
  if (status.state !== "live" && status.schedExt.state !== "enabled") return;
  throw new SchedcpError("busy", "another scheduler is enabled on the node", {
    hint: "The default scheduler can only be measured where no sched_ext scheduler is loaded: unload it.",
    details: { ops: status.schedExt.ops },
  });
}

async function outcomeOfDeath(lease: NodeLease): Promise<ArmOutcome | EmulatorDeath> {
  const death = await lease.causeOfDeath();
  switch (death?.kind) {
    case "emulator":
      return { kind: "emulator-death", log: death.log };
    case "kernel-panic":
      return { kind: "panicked", log: death.log };
    default:
      return { kind: "lost", death };
  }
}

function callOptions(request: ArmRequest): { signal?: AbortSignal } {
  return request.signal === undefined ? {} : { signal: request.signal };
}
