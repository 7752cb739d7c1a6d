// Tasks, queues and CPUs of a dump in words. Names are what their tasks chose: escaped here. Pure.

import { escapedTail } from "../analysis/escaped-text.ts";
import type { DumpedCpu, DumpedTask } from "./exit-report.ts";
import { globalDsq, localDsq } from "./stalled-task.ts";

export const nameCharsMax = 40;

export function nameOf({ comm, pid }: DumpedTask): string {
  return `${escapedTail(comm, nameCharsMax)}[${pid}]`;
}

export function queueName(dsq: bigint | null): string {
  if (dsq === null) return "no queue";
  if (dsq === globalDsq) return "the global queue (SCX_DSQ_GLOBAL)";
  if (dsq === localDsq) return "the CPU's own queue (SCX_DSQ_LOCAL)";
  return `the policy's queue ${dsq < 1024n ? dsq : `0x${dsq.toString(16)}`}`;
}

export function cpuList(cpus: readonly number[]): string {
  if (cpus.length === 0) return "no CPU";
  const shown = cpus.slice(0, 8).join(", ");
  return `CPU${cpus.length > 1 ? "s" : ""} ${shown}${cpus.length > 8 ? `, … (${cpus.length})` : ""}`;
}

/** Who was on a CPU when the kernel looked. */
export function currentOf({ currentComm, currentPid }: DumpedCpu): string {
  return `${escapedTail(currentComm, nameCharsMax)}[${currentPid}]`;
}
