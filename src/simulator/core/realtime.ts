// A real-time hog takes a CPU for a while. What it starves gets the CPU back for 50 ms in every second:
// the deadline servers of the fair and ext classes (dl_server of kernel/sched/deadline.c, 7.2), which
// run at the end of their period.

import { updateCurrent } from "./account.ts";
import { serverPeriodNs, serverRuntimeNs } from "./constants.ts";
import type { Cpu } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { schedule } from "./schedule.ts";

export function startHog(machine: Machine, cpu: Cpu, ns: number): void {
  if (!cpu.online) return;
  cpu.hogUntilNs = Math.max(cpu.hogUntilNs, machine.now + ns);
  cpu.serverActive = false;
  armNext(machine, cpu, machine.now + serverPeriodNs - serverRuntimeNs);
  schedule(machine, cpu);
}

/** The hog is over, the servers' turn begins, or it ends. */
export function realtimeTimer(machine: Machine, cpu: Cpu): void {
  if (!cpu.online) return;
  updateCurrent(machine, cpu);
  if (machine.now < cpu.hogUntilNs) {
    const starving = cpu.scxRunnable + cpu.fairRunnable > 0;
    cpu.serverActive = !cpu.serverActive && starving;
    const wait = cpu.serverActive ? serverRuntimeNs : serverPeriodNs - serverRuntimeNs;
    armNext(machine, cpu, machine.now + wait);
  } else cpu.serverActive = false;
  schedule(machine, cpu);
}

function armNext(machine: Machine, cpu: Cpu, at: number): void {
  machine.queue.arm(cpu.realtimeSlot, Math.min(at, cpu.hogUntilNs));
}
