// What this machine can do, each thing with a remedy. Examines, changes nothing. Called by the
// `doctor` command, and by setup before and after it installs.

import { cacheRoot } from "../../lab/cache.ts";
import type { Check } from "./check.ts";
import { type Distribution, parseDistribution } from "./distribution.ts";
import { type Machine, thisMachine } from "./machine.ts";
import {
  checkArchitecture,
  checkContainers,
  checkDisk,
  checkKernel,
  checkKvm,
  checkNode,
  type ProbeKvm,
} from "./machine-checks.ts";
import { checkTools } from "./tool-checks.ts";

export interface DoctorReport {
  system: string;
  checks: Check[];
  ready: {
    /** Policies can be proved and measured in virtual machines. */
    lab: boolean;
    /** This host's own kernel could run a policy. */
    host: boolean;
  };
}

export interface DoctorOptions {
  machine?: Machine;
  cacheDirectory?: string;
  probeKvm?: ProbeKvm;
}

export async function examine(options: DoctorOptions = {}): Promise<DoctorReport> {
  const machine = options.machine ?? thisMachine();
  const cacheDirectory = options.cacheDirectory ?? cacheRoot(machine.environment);
  const distribution = await readDistribution(machine);
  const tools = await checkTools(machine, distribution);
  const toolsReady = tools.every((check) => check.status !== "missing");
  const probe =
    options.probeKvm ??
    (async () => {
      const { probeKvmInLab } = await import("./kvm-probe.ts");
      return probeKvmInLab(cacheDirectory);
    });
  const kernel = await checkKernel(machine);
  const checks = [
    checkNode(process.version),
    checkArchitecture(machine),
    ...kernel,
    // Without QEMU and bubblewrap there is nothing to boot a guest with.
    await checkKvm(machine, toolsReady ? probe : async () => null),
    ...tools,
    await checkContainers(machine),
    await checkDisk(machine, cacheDirectory),
  ];
  return {
    system: distribution.name,
    checks,
    ready: {
      lab: checks.every((check) => check.status !== "missing"),
      host: kernel.every((check) => check.status === "ok"),
    },
  };
}

export async function readDistribution(machine: Machine): Promise<Distribution> {
  const text = await machine.readText("/etc/os-release");
  return parseDistribution(text ?? (await machine.readText("/usr/lib/os-release")));
}
