// One policy on one scenario in a guest with the real kernel: the truth that the simulator is held
// against. In one lease: the default scheduler twice (the first run warms the guest), the policy several
// times, the default once more. Called by compare's users (the sampled test, bench/fidelity).

import { SchedcpError } from "../../src/contract/errors.ts";
import { limits } from "../../src/contract/limits.ts";
import type { NodeLease, NodeSource } from "../../src/contract/node.ts";
import type { ExitRecord, NodeConnection } from "../../src/contract/node-protocol.ts";
import type { Parameters } from "../../src/contract/policy.ts";
import type { Workload } from "../../src/contract/workload.ts";
import { loadRequest } from "../../src/control/deployment/deployable-policy.ts";
import type { Scenario } from "../../src/simulator/scenario/scenario.ts";
import { guestWorkload } from "./guest-workload.ts";
import { type CallRecord, readRecords, recordCommKnob, recordsGlobal } from "./records.ts";

export const guestRequest = { cpus: 2, memoryMib: 1024, programs: [] };
const runLimitMs = 60_000;
const attemptsMax = 4;

export interface FidelityPolicy {
  name: string;
  object: Uint8Array;
  parameters: Parameters;
  timeoutMs: number;
  partial: boolean;
}

export interface TimedRun {
  /** Wall clock of the scenario by its own account, ns. */
  ns: number;
  /** Share of the guest's CPU time that the host took away. */
  stolen: number;
}

export interface GuestRun {
  kernel: string;
  /** Null where the policy stayed. */
  exit: ExitRecord | null;
  /** Of each life of the policy: all its runs where it stayed, one run where it left; none: never lived. */
  lives: CallRecord[][];
  defaultRuns: TimedRun[];
  policyRuns: TimedRun[];
  guestsRetried: number;
}

/** Another guest where the emulator, not the policy, lost one. */
export async function runInGuest(
  nodes: NodeSource,
  policy: FidelityPolicy,
  scenario: Scenario,
  repeats: number,
): Promise<GuestRun> {
  const workload = await guestWorkload(scenario);
  for (let guestsRetried = 0; ; guestsRetried++) {
    const lease = await nodes.lease(guestRequest);
    try {
      return { ...(await runOn(lease, policy, workload, repeats)), guestsRetried };
    } catch (thrown) {
      const dead = thrown instanceof SchedcpError && thrown.code === "node-lost";
      const death = dead ? await lease.causeOfDeath() : null;
      if (death?.kind !== "emulator" || guestsRetried + 1 === attemptsMax) throw thrown;
    } finally {
      await lease.release();
    }
  }
}

async function runOn(
  lease: NodeLease,
  policy: FidelityPolicy,
  workload: Workload,
  repeats: number,
): Promise<Omit<GuestRun, "guestsRetried">> {
  const node = lease.connection;
  const policyRuns: TimedRun[] = [];
  await timed(lease, workload);
  const defaultRuns = [await timed(lease, workload)];
  const lives: CallRecord[][] = [];
  let exit: ExitRecord | null = null;
  let isLive = false;
  for (let index = 0; index < repeats; index++) {
    const refused = isLive ? null : await load(node, policy, workload);
    if (refused !== null) {
      exit = refused;
      break;
    }
    const run = await timed(lease, workload);
    const status = await node.call("policy.status", {});
    isLive = status.state === "live";
    if (isLive) policyRuns.push(run);
    else {
      exit = status.exit;
      lives.push(await readOut(node));
    }
  }
  if (isLive) lives.push(await readOut(node));
  await node.call("policy.unload", {});
  defaultRuns.push(await timed(lease, workload));
  return { kernel: lease.environment.kernel, exit, lives, defaultRuns, policyRuns };
}

/** Why the kernel threw it out while it was being enabled; null where it is live. */
async function load(
  node: NodeConnection,
  policy: FidelityPolicy,
  workload: Workload,
): Promise<ExitRecord | null> {
  const { name, object, parameters, timeoutMs, partial } = policy;
  const identity = {
    name,
    sourceSha256: "0".repeat(64),
    parameters: { ...parameters, [recordCommKnob]: "f-" },
  };
  try {
    const request = loadRequest({ identity, object }, workload, { timeoutMs, partial });
    await node.call("policy.load", request);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.details?.exitReason === undefined) throw thrown;
    const { exitReason, exitMessage } = thrown.details;
    return { kind: null, reason: String(exitReason), message: String(exitMessage), log: [] };
  }
}

async function timed(lease: NodeLease, workload: Workload): Promise<TimedRun> {
  const stolenBeforeMs = await lease.stealMs();
  const startedMs = performance.now();
  const report = await lease.connection.call("workload.run", {
    workload,
    timeLimitMs: runLimitMs,
    stopAfterMs: null,
    outputOf: ["main"],
    trace: false,
  });
  const elapsedMs = performance.now() - startedMs;
  if (report.outcome !== "done") {
    throw new Error(`${workload.name} ended ${report.outcome}: ${JSON.stringify(report.failure)}`);
  }
  const stolenMs = (await lease.stealMs()) - stolenBeforeMs;
  const stolen = stolenMs / (elapsedMs * lease.environment.cpus);
  return { ns: Number(report.output.main?.[0]), stolen };
}

async function readOut(node: NodeConnection): Promise<CallRecord[]> {
  const bytesMax = limits.policyMapBytesMax;
  const { data } = await node.call("policy.read-map", { name: recordsGlobal, bytesMax });
  return readRecords(Buffer.from(data, "base64"));
}
