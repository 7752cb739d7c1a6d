// Where time goes: update_curr of both classes, and the accounts of CPUs and tasks.

import * as fair from "../baseline/fair.ts";
import { type Cpu, cpuMode } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { taskClass } from "./task.ts";

/** update_curr: the time since the last call goes to whatever has the CPU. */
export function updateCurrent(machine: Machine, cpu: Cpu): void {
  const delta = machine.now - cpu.sinceNs;
  if (delta <= 0) return;
  cpu.sinceNs = machine.now;
  const task = cpu.current;
  if (task === null) {
    if (cpu.mode === cpuMode.idle) cpu.idleNs += delta;
    else if (cpu.mode === cpuMode.realtime) cpu.realtimeNs += delta;
    else cpu.offlineNs += delta;
    return;
  }
  task.sumExecNs += delta;
  let work = delta;
  if (task.debtNs > 0) {
    const paid = Math.min(task.debtNs, delta);
    task.debtNs -= paid;
    cpu.overheadNs += paid;
    work -= paid;
  }
  if (work > 0) {
    cpu.busyNs += work;
    task.ranNs += work;
    const done = cpu.capacity === 1024 ? work : Math.floor((work * cpu.capacity) / 1024);
    task.remainingNs = done >= task.remainingNs ? 0 : task.remainingNs - done;
  }
  if (machine.visible !== null) machine.visible.setRuntime(task.id, task.sumExecNs);
  if (task.class === taskClass.ext) {
    // update_curr_scx; an infinite slice stays what it is.
    const scx = machine.scx;
    if (scx === null) return;
    const slice = scx.state.slice(task.id);
    if (slice > 0 && slice !== Number.POSITIVE_INFINITY) {
      scx.state.setSlice(task.id, slice > delta ? slice - delta : 0);
    }
  } else fair.chargeCurrent(cpu, task, delta);
}
