// One lab guest in hand: restored from a snapshot, woken (clock, entropy, identity), not used before.

import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../contract/errors.ts";
import type { Environment } from "../contract/measurement.ts";
import type { NodeLease } from "../contract/node.ts";
import { createNodeClient } from "../contract/rpc.ts";
import {
  type Machine,
  type Qemu,
  runDelayNs,
  snapshotCapabilities,
  snapshotUri,
  startQemu,
} from "./qemu.ts";
import { Qmp } from "./qmp.ts";
import { migrationCompleted, within } from "./snapshot.ts";

const restoreTimeoutMs = 30_000;
/** How long after its channel broke a guest may take to end. */
const deathSettleMs = 2000;

export async function restoreGuest(
  machine: Machine,
  snapshot: string,
  environment: Environment,
  onRelease: () => Promise<void>,
  signal?: AbortSignal,
): Promise<NodeLease> {
  const qemu = startQemu({ machine, snapshot: { read: snapshot } });
  const abort = () => qemu.kill();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const qmp = new Qmp(qemu.qmp);
    await within(restoreTimeoutMs, qemu, "start", qmp.negotiate());
    await within(restoreTimeoutMs, qemu, "restore", readSnapshot(qemu, qmp));
    return await wake(qemu, environment, onRelease);
  } catch (error) {
    qemu.kill();
    await qemu.ended;
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function readSnapshot(qemu: Qemu, qmp: Qmp): Promise<void> {
  await qmp.execute("migrate-set-capabilities", { capabilities: snapshotCapabilities });
  await qmp.execute("migrate-incoming", { uri: snapshotUri });
  await migrationCompleted(qemu, qmp);
  await qmp.execute("cont");
}

async function wake(
  qemu: Qemu,
  environment: Environment,
  onRelease: () => Promise<void>,
): Promise<NodeLease> {
  const connection = createNodeClient(qemu.node);
  const nonce = randomBytes(16).toString("hex");
  const entropy = randomBytes(256).toString("base64");
  const answer = await within(
    restoreTimeoutMs,
    qemu,
    "wake",
    connection.call("node.wake", { clockMs: Date.now(), entropy, nonce }),
  );
  if (answer.nonce !== nonce) {
    throw new SchedcpError("protocol", "the guest answered for another restore", {
      hint: "Run again; remove the snapshots from the cache if it stays so.",
    });
  }
  const threads = await qemu.vcpuThreads();
  const before = await runDelayNs(threads);
  let released: Promise<void> | null = null;
  const release = async () => {
    connection.close();
    qemu.kill();
    await qemu.ended;
    await onRelease();
  };
  return {
    connection,
    environment,
    stealMs: async () => Number((await runDelayNs(threads)) - before) / 1e6,
    causeOfDeath: async () => {
      const timer = new AbortController();
      const alive = delay(deathSettleMs, true, { signal: timer.signal });
      const lives = await Promise.race([alive, qemu.ended]);
      timer.abort();
      return lives === true ? null : qemu.console.death(environment.emulated);
    },
    release: () => {
      released ??= release();
      return released;
    },
  };
}
