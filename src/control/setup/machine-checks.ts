// Looks at the machine itself: runtime, kernel, virtualisation, containers, disk. Called by doctor.

import { SchedcpError } from "../../contract/errors.ts";
import { type Check, missing, ok, warning } from "./check.ts";
import type { Machine } from "./machine.ts";

/** Answers whether a guest boots with KVM; null where that can't be tried yet. */
export type ProbeKvm = () => Promise<{ works: boolean; reason: string } | null>;

const gib = 1024 ** 3;
/** The guest image with its layers and snapshots, while they are made. */
const diskBytesWanted = 4 * gib;
const diskBytesMin = 1 * gib;

export function checkNode(version: string): Check {
  const major = Number.parseInt(version.replace(/^v/, ""), 10);
  if (major >= 24) return ok("node", version);
  return missing("node", version, "Start it by bin/schedcp, which brings its own Node 24.");
}

export function checkArchitecture(machine: Machine): Check {
  if (machine.architecture === "x64") return ok("architecture", "x86-64");
  return missing("architecture", machine.architecture, "The lab's guests are x86-64 only, so far.");
}

/** This host's own kernel: of use only where policies are to run on the host itself. */
export async function checkKernel(machine: Machine): Promise<Check[]> {
  const release = ((await machine.readText("/proc/sys/kernel/osrelease")) ?? "unknown").trim();
  const state = await machine.readText("/sys/kernel/sched_ext/state");
  const btf = await machine.list("/sys/kernel/btf");
  const onlyHost = "Not needed for the lab. To run policies on this host, boot a kernel with";
  return [
    ok("kernel", release),
    state === null
      ? warning("sched-ext", "off in this host's kernel", `${onlyHost} CONFIG_SCHED_CLASS_EXT.`)
      : ok("sched-ext", `on (${state.trim()})`),
    btf.includes("vmlinux")
      ? ok("btf", "/sys/kernel/btf/vmlinux")
      : warning("btf", "this host's kernel has none", `${onlyHost} CONFIG_DEBUG_INFO_BTF.`),
    await checkCgroups(machine),
  ];
}

async function checkCgroups(machine: Machine): Promise<Check> {
  const controllers = await machine.readText("/sys/fs/cgroup/cgroup.controllers");
  if (controllers !== null) return ok("cgroup-v2", controllers.trim() || "no controllers");
  return warning(
    "cgroup-v2",
    "not mounted at /sys/fs/cgroup",
    "Not needed for the lab. For this host: boot with systemd.unified_cgroup_hierarchy=1.",
  );
}

export async function checkKvm(machine: Machine, probe: ProbeKvm): Promise<Check> {
  const slower = "guests run emulated: it works, and figures are labelled so";
  const devices = await machine.list("/dev");
  if (!devices.includes("kvm")) {
    return warning(
      "kvm",
      `no /dev/kvm; ${slower}`,
      "Switch on virtualisation in the firmware, or nested virtualisation in the hypervisor.",
    );
  }
  const answer = await probe().catch((error: unknown) => {
    if (!(error instanceof SchedcpError)) throw error;
    return { works: false, reason: `could not be tried: ${error.message}` };
  });
  if (answer === null) {
    return warning("kvm", "/dev/kvm is there; not tried by a boot yet", "schedcp setup tries it.");
  }
  if (answer.works) return ok("kvm", answer.reason);
  return warning(
    "kvm",
    `${answer.reason}; ${slower}`,
    machine.userId === 0
      ? undefined
      : "If /dev/kvm is refused: sudo usermod -aG kvm $USER, and log in again.",
  );
}

/** Information only: neither is needed. */
export async function checkContainers(machine: Machine): Promise<Check> {
  const found: string[] = [];
  for (const engine of ["docker", "podman"]) {
    if ((await machine.find(engine)) !== null) found.push(engine);
  }
  return ok("containers", found.length === 0 ? "none found (not needed)" : found.join(", "));
}

export async function checkDisk(machine: Machine, cacheDirectory: string): Promise<Check> {
  const elsewhere = "set SCHEDCP_CACHE_DIR to a directory";
  const free = await machine.freeBytes(cacheDirectory);
  if (typeof free !== "number") {
    const found = `${cacheDirectory} can't be used: ${free.fault}`;
    return missing("disk-space", found, `Make it yours, or ${elsewhere} that is.`);
  }
  const found = `${(free / gib).toFixed(1)} GiB free for ${cacheDirectory}`;
  if (free >= diskBytesWanted) return ok("disk-space", found);
  const remedy = `Free ${diskBytesWanted / gib} GiB, or ${elsewhere} on another disk.`;
  const judge = free >= diskBytesMin ? warning : missing;
  return judge("disk-space", found, remedy);
}
