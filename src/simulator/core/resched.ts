// resched_curr: a CPU has to go through schedule(). At once, at the end of what runs there, where it is the
// CPU that asks; one interrupt later elsewhere.

import { idleExitNs, reschedIpiNs } from "./constants.ts";
import { type Cpu, cpuMode } from "./cpu.ts";
import type { Machine } from "./machine.ts";

export function reschedCurrent(machine: Machine, cpu: Cpu): void {
  if (cpu.needResched || !cpu.online) return;
  cpu.needResched = true;
  if (cpu.id === machine.thisCpu) return;
  const latency = cpu.mode === cpuMode.idle ? idleExitNs : reschedIpiNs;
  machine.queue.arm(cpu.reschedSlot, arrival(machine, cpu, latency));
}

/** The same after a delay, on whatever CPU. */
export function reschedAfter(machine: Machine, cpu: Cpu, delayNs: number): void {
  if (!cpu.online) return;
  const at = arrival(machine, cpu, delayNs);
  if (machine.queue.armed(cpu.reschedSlot) && machine.queue.timeOf(cpu.reschedSlot) <= at) return;
  machine.queue.arm(cpu.reschedSlot, at);
}

/** An interrupt waits for the end of a context switch, which runs with interrupts off. */
function arrival(machine: Machine, cpu: Cpu, latencyNs: number): number {
  return Math.max(machine.now + latencyNs, cpu.switchedNs);
}
