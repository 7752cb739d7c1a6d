// scx_watchdog_workfn and check_rq_for_timeouts (kernel/sched/ext/ext.c, 7.2): every half timeout it looks
// for a task that has waited too long. A task's clock runs until it gets a CPU, not until it is moved.
// The kernel's own worker that does this is not simulated: it always gets its turn.

import { tickNs } from "../constants.ts";
import type { Cpu } from "../cpu.ts";
import { claimExit, exitKind, named, seconds } from "./exit.ts";
import type { Scx } from "./scx.ts";

export function armWatchdog(scx: Scx): void {
  const interval = Math.max(Math.floor(scx.watchdogTimeoutNs / tickNs / 2), 1) * tickNs;
  scx.machine.queue.arm(scx.watchdogSlot, scx.machine.now + interval);
}

export function watchdogTimer(scx: Scx): void {
  for (const cpu of scx.machine.cpus) if (cpu.online && stalled(scx, cpu)) break;
  armWatchdog(scx);
}

function stalled(scx: Scx, cpu: Cpu): boolean {
  const jiffies = scx.jiffies(scx.machine.now);
  const timeout = Math.floor(scx.watchdogTimeoutNs / tickNs);
  for (let task = cpu.runnableHead; task !== null; task = task.runnableNext) {
    const waited = jiffies - scx.jiffies(task.runnableAtNs);
    if (waited <= timeout) continue;
    const ms = (waited * tickNs) / 1_000_000;
    const message = `${named(task)} failed to run for ${seconds(ms)}s`;
    claimExit(scx, exitKind.errorStall, 0, message);
    return true;
  }
  return false;
}
