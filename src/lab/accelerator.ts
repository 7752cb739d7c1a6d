// Whether hardware virtualisation works here. A device file proves nothing (it may be there and kill
// every guest), so a guest is booted with it; the answer holds until the host's next boot.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { asCacheError, type Cache, digestOf, isCode } from "./cache.ts";
import { makeDirectories } from "./directories.ts";
import { startQemu } from "./qemu.ts";

export type Accelerator = "kvm" | "tcg";

export interface KvmProbe {
  works: boolean;
  /** Why not, in words for `doctor`. */
  reason: string;
}

const bootTimeoutMs = 10_000;

/** Boots `kernel` with KVM until its initial RAM disk runs. */
export async function probeKvm(
  cache: Cache,
  kernel: string,
  initialRamDisk: string,
): Promise<KvmProbe> {
  if (process.env.SCHEDCP_ACCELERATOR === "tcg") {
    return { works: false, reason: "switched off by SCHEDCP_ACCELERATOR=tcg" };
  }
  if (!existsSync("/dev/kvm")) return { works: false, reason: "there is no /dev/kvm" };
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const path = join(cache.root, `kvm-${digestOf([boot, kernel]).slice(0, 16)}.json`);
  try {
    const known: unknown = JSON.parse(await readFile(path, "utf8"));
    if (isProbe(known)) return known;
  } catch (error) {
    if (!isCode(error, "ENOENT") && !(error instanceof SyntaxError)) throw error;
  }
  const probe = await boots(kernel, initialRamDisk);
  try {
    makeDirectories(cache.root);
    await writeFile(path, JSON.stringify(probe));
  } catch (error) {
    throw asCacheError(error, cache.root);
  }
  return probe;
}

function isProbe(value: unknown): value is KvmProbe {
  return (
    typeof value === "object" &&
    value !== null &&
    "works" in value &&
    typeof value.works === "boolean" &&
    "reason" in value &&
    typeof value.reason === "string"
  );
}

async function boots(kernel: string, initialRamDisk: string): Promise<KvmProbe> {
  const qemu = startQemu({
    machine: { cpus: 1, memoryMib: 256, accelerator: "kvm", kernel, initialRamDisk, drives: [] },
  });
  const timer = new AbortController();
  const outcome = await Promise.race([
    // Without drives the initial RAM disk stops at its first mount: reaching it is the proof.
    qemu.console.until(/schedcp: cannot mount|switch_root/).then(() => "booted" as const),
    qemu.ended.then(() => "ended" as const),
    delay(bootTimeoutMs, "hung" as const, { signal: timer.signal }),
  ]);
  timer.abort();
  qemu.kill();
  await qemu.ended;
  if (outcome === "booted") return { works: true, reason: "a guest booted with it" };
  const last = qemu.console.tail(1)[0] ?? "it printed nothing";
  return {
    works: false,
    reason:
      outcome === "hung"
        ? `a guest booted with it printed no sign of life in ${bootTimeoutMs / 1000} s`
        : `a guest booted with it died: ${last}`,
  };
}
