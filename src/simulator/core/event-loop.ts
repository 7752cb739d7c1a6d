// The machine runs: timers fire in order of virtual time, each on its CPU, and whatever a CPU was asked to
// do at that moment is done before the next. Ends with the scenario's time or its last task.

import * as fair from "../baseline/fair.ts";
import { SimulatorLimit } from "../errors.ts";
import type { MachineEvent } from "../scenario/scenario.ts";
import { updateCurrent } from "./account.ts";
import { setAffinity, setCgroupWeight, setNice } from "./change.ts";
import { reschedIpiNs, tickNs } from "./constants.ts";
import type { Cpu } from "./cpu.ts";
import { cpuSet } from "./cpu-set.ts";
import { bringOnline, takeOffline } from "./hotplug.ts";
import { type Machine, timer } from "./machine.ts";
import { realtimeTimer, startHog } from "./realtime.ts";
import { reschedAfter } from "./resched.ts";
import { armRunEnd, schedule } from "./schedule.ts";
import { runDeferred } from "./scx/deferred.ts";
import { disablePolicy } from "./scx/enable.ts";
import { carryOutKicks } from "./scx/kick.ts";
import { tick as scxTick } from "./scx/pick.ts";
import { watchdogTimer } from "./scx/watchdog.ts";
import type { Starts } from "./starts.ts";
import { endRunStep } from "./steps.ts";
import { taskClass } from "./task.ts";
import { wakeTask } from "./wakeup.ts";

/** Events at one instant, beyond which the machine is taken to be in a loop; more with many tasks. */
const sameInstantMax = 100_000;

/** `afterEvent`: for tests that look at the machine between events. */
export function runMachine(machine: Machine, starts: Starts, afterEvent?: () => void): void {
  const { queue, scenario, limits } = machine;
  const scenarioEvents = [...scenario.events].sort((a, b) => a.atNs - b.atNs);
  const scenarioSlot = queue.allocate(timer.scenario, 0);
  let nextEvent = 0;
  const armScenario = (): void => {
    const event = scenarioEvents[nextEvent];
    const at = Math.min(event?.atNs ?? Number.POSITIVE_INFINITY, starts.nextNs());
    if (at !== Number.POSITIVE_INFINITY) queue.arm(scenarioSlot, Math.max(at, machine.now));
  };
  armScenario();
  // What started before the clock did has asked for its CPU.
  settleAll(machine);
  let atInstant = 0;
  while (machine.foregroundLeft > 0 || !starts.foregroundStarted) {
    const slot = queue.pop();
    if (slot < 0 || queue.time >= scenario.durationNs) {
      machine.now = scenario.durationNs;
      break;
    }
    if (queue.time > machine.now) atInstant = 0;
    else if (++atInstant > sameInstantMax + 10 * machine.tasks.length) {
      throw new SimulatorLimit(`more than ${atInstant - 1} events at ${machine.now} ns`);
    }
    machine.now = queue.time;
    if (++machine.events > limits.eventsMax) {
      throw new SimulatorLimit(`more than ${limits.eventsMax} events`);
    }
    const kind = queue.kind(slot);
    if (kind === timer.scenario) {
      for (; scenarioEvents[nextEvent] !== undefined; nextEvent++) {
        const event = scenarioEvents[nextEvent] as MachineEvent;
        if (event.atNs > machine.now) break;
        happen(machine, event);
      }
      starts.startDue();
      settleAll(machine);
      armScenario();
    } else fire(machine, kind, slot);
    afterEvent?.();
  }
  for (const cpu of machine.cpus) updateCurrent(machine, cpu);
}

function fire(machine: Machine, kind: number, slot: number): void {
  const argument = machine.queue.argument(slot);
  switch (kind) {
    case timer.runEnd: {
      const cpu = enter(machine, argument);
      endRunStep(machine, cpu);
      settle(machine, cpu);
      return;
    }
    case timer.tick: {
      const cpu = enter(machine, argument);
      tick(machine, cpu);
      settle(machine, cpu);
      return;
    }
    case timer.resched: {
      const cpu = enter(machine, argument);
      cpu.needResched = true;
      settle(machine, cpu);
      return;
    }
    case timer.wake: {
      // The timer's interrupt comes to the CPU on which the task went to sleep.
      const task = machine.task(argument);
      const cpu = enter(machine, machine.cpu(task.cpu).online ? task.cpu : firstOnline(machine));
      wakeTask(machine, task, false, -1);
      settle(machine, cpu);
      return;
    }
    case timer.realtime: {
      const cpu = enter(machine, argument);
      realtimeTimer(machine, cpu);
      settle(machine, cpu);
      return;
    }
    case timer.policy: {
      const scx = machine.scx;
      const callback = scx?.timers.get(slot);
      if (scx === null || callback === undefined) return;
      scx.timers.delete(slot);
      const cpu = enter(machine, machine.cpu(argument).online ? argument : firstOnline(machine));
      machine.queue.release(slot);
      callback();
      scx.closeCursors();
      runDeferred(scx, cpu);
      settle(machine, cpu);
      return;
    }
    case timer.watchdog:
      if (machine.scx !== null) watchdogTimer(machine.scx);
      return;
    case timer.disable:
      machine.thisCpu = firstOnline(machine);
      if (machine.scx !== null) disablePolicy(machine.scx);
      settleAll(machine);
  }
}

function enter(machine: Machine, id: number): Cpu {
  machine.thisCpu = id;
  return machine.cpu(id);
}

export function firstOnline(machine: Machine): number {
  const cpu = machine.cpus.find((candidate) => candidate.online);
  return cpu === undefined ? 0 : cpu.id;
}

/** The way back to user mode: interrupts that were asked for, then schedule() where it is wanted. */
function settle(machine: Machine, cpu: Cpu): void {
  const scx = machine.scx;
  if (scx !== null) carryOutKicks(scx, cpu);
  if (cpu.needResched || cpu.needReschedLazy) {
    if (cpu.online) schedule(machine, cpu);
    else cpu.needResched = false;
  }
  const { current } = cpu;
  if (current !== null && !machine.queue.armed(cpu.runEndSlot)) {
    armRunEnd(machine, cpu, current);
  }
}

/** After something that concerns no CPU in particular. */
function settleAll(machine: Machine): void {
  for (const cpu of machine.cpus) {
    const scx = machine.scx;
    if (scx !== null) carryOutKicks(scx, cpu);
    if (cpu.needResched && cpu.online && !machine.queue.armed(cpu.reschedSlot)) {
      reschedAfter(machine, cpu, reschedIpiNs);
    }
    const { current } = cpu;
    if (current !== null && !machine.queue.armed(cpu.runEndSlot)) armRunEnd(machine, cpu, current);
  }
}

/** sched_tick. */
function tick(machine: Machine, cpu: Cpu): void {
  updateCurrent(machine, cpu);
  const task = cpu.current;
  if (task === null) return;
  machine.queue.arm(cpu.tickSlot, machine.now + tickNs);
  if (task.class === taskClass.ext) {
    if (machine.scx !== null) scxTick(machine.scx, cpu, task);
  } else fair.tick(machine, cpu, task);
}

/** The scenario's own doing. */
function happen(machine: Machine, event: MachineEvent): void {
  machine.thisCpu = firstOnline(machine);
  switch (event.do) {
    case "cpu-offline":
      takeOffline(machine, machine.cpu(event.cpu));
      return;
    case "cpu-online":
      bringOnline(machine, machine.cpu(event.cpu));
      return;
    case "realtime":
      startHog(machine, machine.cpu(event.cpu), event.ns);
      return;
    case "affinity": {
      const cpus = cpuSet(event.cpus, machine.cpus.length);
      for (const task of machine.tasks) {
        if (task.spec === event.task) setAffinity(machine, task, cpus);
      }
      return;
    }
    case "nice":
      for (const task of machine.tasks) {
        if (task.spec === event.task) setNice(machine, task, event.nice);
      }
      return;
    case "cgroup-weight":
      setCgroupWeight(machine, event.cgroup, event.weight);
  }
}
