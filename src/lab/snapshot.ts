// A snapshot: a guest booted to "the node daemon is ready", its memory written to a file from which
// later guests start in a fraction of a second. Keyed by everything that is in it.

import { chmod, chown, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../contract/errors.ts";
import type { Progress } from "../contract/node.ts";
import { createNodeClient } from "../contract/rpc.ts";
import { type Cache, digestOf } from "./cache.ts";
import {
  assertQemuRuns,
  type Machine,
  type Qemu,
  qemuUid,
  snapshotCapabilities,
  snapshotUri,
  startQemu,
} from "./qemu.ts";
import { Qmp } from "./qmp.ts";

const snapshotVersion = 5;
/** Emulated boots take some 5 s; a busy machine several times that. */
const bootTimeoutMs = 120_000;
const migrationTimeoutMs = 60_000;
/** The emulator's own panic can strike while booting, too. */
const attemptsMax = 3;

/** `identities`: digests of what the drives hold, and QEMU's version. */
export async function ensureSnapshot(
  cache: Cache,
  machine: Machine,
  identities: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<string> {
  const shape = `${machine.cpus} ${machine.memoryMib} ${machine.accelerator}`;
  const key = digestOf(["snapshot", String(snapshotVersion), shape, ...identities]);
  const directory = await cache.entry(
    "snapshots",
    key,
    async (target) => {
      progress({
        step: "image",
        message: `booting a guest with ${machine.cpus} CPUs once and keeping its memory`,
      });
      await makeSnapshot(target, machine, signal);
    },
    signal,
  );
  return join(directory, "snapshot");
}

async function makeSnapshot(
  directory: string,
  machine: Machine,
  signal: AbortSignal | undefined,
): Promise<void> {
  const writable = join(directory, "writable");
  const isRoot = process.getuid?.() === 0;
  for (let attempt = 1; ; attempt++) {
    await mkdir(writable);
    if (isRoot) await chown(writable, qemuUid, qemuUid);
    const qemu = startQemu({ machine, snapshot: { write: writable } });
    const stop = () => qemu.kill();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await bootAndWrite(qemu);
      break;
    } catch (error) {
      signal?.throwIfAborted();
      const retry =
        qemu.console.death(machine.accelerator === "tcg").kind === "emulator" &&
        attempt < attemptsMax;
      if (!retry) throw error;
      await rm(writable, { recursive: true });
    } finally {
      signal?.removeEventListener("abort", stop);
      qemu.kill();
      await qemu.ended;
    }
  }
  for (const name of ["memory", "state"]) {
    await chmod(join(writable, name), 0o444);
    if (isRoot) await chown(join(writable, name), 0, 0);
  }
  if (isRoot) await chown(writable, 0, 0);
  await rename(writable, join(directory, "snapshot"));
}

async function bootAndWrite(qemu: Qemu): Promise<void> {
  const qmp = new Qmp(qemu.qmp);
  await within(bootTimeoutMs, qemu, "boot", qmp.negotiate());
  await within(bootTimeoutMs, qemu, "boot", qemu.console.until(/^schedcpd: ready/));
  // Asked once, so that the answering code is warm in every restored guest.
  const client = createNodeClient(qemu.node);
  await client.call("node.describe", {}, { timeoutMs: 30_000 });
  await qmp.execute("stop");
  await qmp.execute("migrate-set-capabilities", { capabilities: snapshotCapabilities });
  await qmp.execute("migrate", { uri: snapshotUri });
  await migrationCompleted(qemu, qmp);
  await qmp.execute("quit");
  await qemu.ended;
}

/** Polls QEMU until its migration (to or from a file) is through. */
export async function migrationCompleted(qemu: Qemu, qmp: Qmp): Promise<void> {
  const deadline = performance.now() + migrationTimeoutMs;
  for (;;) {
    const answer = await qmp.execute("query-migrate");
    const status =
      typeof answer === "object" && answer !== null && "status" in answer ? answer.status : "none";
    if (status === "completed") return;
    if (status === "failed" || performance.now() > deadline) {
      throw new SchedcpError("node-lost", `a guest's memory could not be moved: ${status}`, {
        hint: "Look for a full disk under the cache directory; `schedcp doctor` shows it.",
        details: { console: qemu.console.tail(5) },
      });
    }
    await delay(5);
  }
}

/** Bounds a wait by time and by the guest's life. */
export async function within<T>(
  timeoutMs: number,
  qemu: Qemu,
  what: string,
  wait: Promise<T>,
): Promise<T> {
  const timer = new AbortController();
  const tooLong = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new SchedcpError("node-lost", `the guest did not ${what} within ${timeoutMs / 1000} s`, {
      hint: "Run `schedcp doctor`; on a very busy machine, run again.",
      details: { console: qemu.console.tail(10) },
    });
  });
  const died = qemu.ended.then(() => {
    assertQemuRuns(qemu);
    throw new SchedcpError("node-lost", "QEMU could not be started", {
      hint: "Run `schedcp doctor`.",
      details: { console: qemu.console.tail(10) },
    });
  });
  try {
    return await Promise.race([wait, tooLong, died]);
  } finally {
    timer.abort();
    for (const loser of [tooLong, died, wait]) loser.catch(() => undefined);
  }
}
