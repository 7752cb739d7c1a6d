// CPUs that go and come: sched_cpu_deactivate, balance_push, sched_cpu_activate (kernel/sched/core.c) and
// handle_hotplug (kernel/sched/ext/ext.c, 7.2).

import { fairTasksOn } from "../baseline/fair.ts";
import { updateCurrent } from "./account.ts";
import { moveQueued } from "./change.ts";
import { classPutPrevious } from "./classes.ts";
import { type Cpu, cpuMode } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { leaveCpu, schedule } from "./schedule.ts";
import { lock, unlock } from "./scx/enqueue.ts";
import { claimExit, exitCodeHotplug, exitKind } from "./scx/exit.ts";
import { updateIdle, updateIdleTopology } from "./scx/idle.ts";
import { nextClass, preemptReason } from "./scx/pick.ts";
import type { Task } from "./task.ts";
import { selectFallback } from "./wakeup.ts";

export function takeOffline(machine: Machine, cpu: Cpu): void {
  if (!cpu.online || machine.onlineCpus === 1) return;
  machine.thisCpu = cpu.id;
  updateCurrent(machine, cpu);
  cpu.online = false;
  cpu.scxOnline = false;
  machine.onlineCpus--;
  machine.observer.online?.(machine.now, cpu.id, false);
  handleHotplug(machine, cpu, false);
  pushAll(machine, cpu);
  machine.queue.cancel(cpu.tickSlot);
  machine.queue.cancel(cpu.reschedSlot);
  machine.queue.cancel(cpu.realtimeSlot);
  cpu.hogUntilNs = 0;
  cpu.serverActive = false;
  cpu.needResched = false;
  if (machine.scx?.enabled && machine.scx.builtinIdle) updateIdle(machine.scx, cpu, false, false);
  cpu.mode = cpuMode.offline;
}

export function bringOnline(machine: Machine, cpu: Cpu): void {
  if (cpu.online) return;
  machine.thisCpu = cpu.id;
  updateCurrent(machine, cpu);
  cpu.online = true;
  cpu.scxOnline = true;
  machine.onlineCpus++;
  machine.observer.online?.(machine.now, cpu.id, true);
  handleHotplug(machine, cpu, true);
  // It comes up in the idle task, which finds out whether there is something to run.
  cpu.mode = cpuMode.idle;
  if (machine.scx?.enabled) updateIdle(machine.scx, cpu, true, true);
  machine.observer.idle?.(machine.now, cpu.id, false);
  schedule(machine, cpu);
}

/** handle_hotplug: a policy without the op has to leave, and may be loaded again. */
function handleHotplug(machine: Machine, cpu: Cpu, online: boolean): void {
  const { scx } = machine;
  if (scx === null) return;
  updateIdleTopology(scx);
  const op = online ? "cpu_online" : "cpu_offline";
  if (!scx.has[op]) {
    const direction = online ? "online" : "offline";
    claimExit(
      scx,
      exitKind.unregisteredByKernel,
      exitCodeHotplug,
      `cpu ${cpu.id} going ${direction}, exiting scheduler`,
    );
    return;
  }
  scx.entering(op, -1, cpu.id);
  const locked = lock(scx, -1, null);
  if (online) scx.ops.cpuOnline(cpu.id);
  else scx.ops.cpuOffline(cpu.id);
  unlock(scx, locked);
}

/** balance_push: whatever comes to run here is pushed elsewhere. What a policy holds stays with it. */
function pushAll(machine: Machine, cpu: Cpu): void {
  const current = cpu.current;
  if (current !== null) {
    classPutPrevious(machine, cpu, current, nextClass.higher, preemptReason.stop);
    leaveCpu(machine, cpu, current);
    cpu.mode = cpuMode.realtime;
    moveQueued(machine, current, selectFallback(machine, current));
  }
  for (const task of fairTasksOn(machine, cpu)) {
    moveQueued(machine, task, selectFallback(machine, task));
  }
  const queued: Task[] = [];
  for (let task = cpu.localDsq.head; task !== null; task = task.dsqNext) queued.push(task);
  for (let task = cpu.bypassDsq.head; task !== null; task = task.dsqNext) queued.push(task);
  for (const task of queued) {
    if (task.cpu === cpu.id) moveQueued(machine, task, selectFallback(machine, task));
  }
}
