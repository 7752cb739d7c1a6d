// A task's program: what it does when its present run step is over, until the next one, or until it
// sleeps, yields or exits. Steps without a time of their own happen at once and are paid for afterwards.

import * as fair from "../baseline/fair.ts";
import { updateCurrent } from "./account.ts";
import { leaveAutogroup, setAffinity, setCgroup, setNice } from "./change.ts";
import { policyOf } from "./classes.ts";
import { exitNs, forkNs, systemCallNs } from "./constants.ts";
import type { Cpu } from "./cpu.ts";
import { admitTask, announceTask, beginExit, createTask, tellParent } from "./lifecycle.ts";
import { type Machine, timer } from "./machine.ts";
import type { Instruction } from "./program.ts";
import { between, mix, step } from "./random.ts";
import { armRunEnd } from "./schedule.ts";
import { yieldTask } from "./scx/pick.ts";
import { type Task, taskClass, taskState } from "./task.ts";
import { wakeNewTask, wakeTask } from "./wakeup.ts";

/** Steps without a time of their own in a row, after which the task pays for them first. */
const instantStepsMax = 64;

/** What a step leaves: the next one at once, time that passes, or a CPU that has to schedule. */
const outcome = { goOn: 0, runs: 1, leaves: 2 } as const;

/** The run step of the CPU's current task is over. */
export function endRunStep(machine: Machine, cpu: Cpu): void {
  updateCurrent(machine, cpu);
  const task = cpu.current;
  if (task === null) return;
  if (task.debtNs > 0 || task.remainingNs > 0) {
    armRunEnd(machine, cpu, task);
    return;
  }
  for (let steps = 0; ; steps++) {
    // Woke someone who is to preempt it: the rest when it has a CPU again.
    if (cpu.needResched || cpu.needReschedLazy || steps >= instantStepsMax) break;
    const result = nextStep(machine, cpu, task);
    if (result === outcome.goOn) {
      task.debtNs += systemCallNs;
      // A step may have moved it to another CPU.
      if (cpu.current !== task) return;
      continue;
    }
    if (result === outcome.leaves) {
      cpu.needResched = true;
      return;
    }
    break;
  }
  if (cpu.current === task) armRunEnd(machine, cpu, task);
}

function nextStep(machine: Machine, cpu: Cpu, task: Task): number {
  const { instructions } = task.program;
  if (task.counter >= instructions.length) {
    if (!task.loop || instructions.length === 0) {
      return exit(machine, task);
    }
    task.counter = 0;
  }
  const instruction = instructions[task.counter] as Instruction;
  task.counter++;
  return carryOut(machine, cpu, task, instruction);
}

function carryOut(machine: Machine, cpu: Cpu, task: Task, instruction: Instruction): number {
  switch (instruction.do) {
    case "run":
      task.remainingNs = draw(task, instruction.minNs, instruction.maxNs);
      return task.remainingNs > 0 ? outcome.runs : outcome.goOn;
    case "sleep": {
      const ns = draw(task, instruction.minNs, instruction.maxNs);
      if (ns <= 0) return outcome.goOn;
      if (task.timerSlot < 0) task.timerSlot = machine.queue.allocate(timer.wake, task.id);
      machine.queue.arm(task.timerSlot, machine.now + ns);
      task.state = taskState.sleeping;
      return outcome.leaves;
    }
    case "wait":
      return wait(machine, task, instruction.channel);
    case "signal":
      signal(machine, task, instruction.channel, instruction.count, instruction.sync);
      return outcome.goOn;
    case "fork":
      fork(machine, task, instruction.spec);
      return outcome.goOn;
    case "join":
      if (task.children === 0) return outcome.goOn;
      task.joining = true;
      // Each child's end wakes it, to see whether it was the last.
      task.counter--;
      task.state = taskState.sleeping;
      return outcome.leaves;
    case "yield":
      // do_sched_yield: yield_task, then schedule().
      if (task.class === taskClass.ext) yieldTask(policyOf(machine), cpu, task);
      else fair.yieldTask(machine, cpu, task);
      task.debtNs += systemCallNs;
      return outcome.leaves;
    case "affinity":
      setAffinity(machine, task, instruction.cpus);
      return outcome.goOn;
    case "nice":
      setNice(machine, task, instruction.nice);
      return outcome.goOn;
    case "cgroup":
      setCgroup(machine, task, instruction.cgroup);
      return outcome.goOn;
    case "exec":
      task.comm = instruction.comm.slice(0, 15);
      machine.visible?.setComm(task.id, task.comm);
      return outcome.goOn;
    case "exit":
      task.counter--;
      return exit(machine, task);
    case "loop":
      task.loops[instruction.counter] = instruction.times;
      if (instruction.times <= 0) task.counter = instruction.end;
      return outcome.goOn;
    case "next": {
      const left = (task.loops[instruction.counter] as number) - 1;
      task.loops[instruction.counter] = left;
      if (left > 0) task.counter = instruction.start;
      return outcome.goOn;
    }
  }
}

/** do_exit, in parts: after each the task can lose the CPU, and the next comes when it has one again. */
function exit(machine: Machine, task: Task): number {
  if (!task.exiting) {
    leaveAutogroup(machine, task);
    return outcome.goOn;
  }
  if (task.parent !== null && !task.parentTold) {
    tellParent(machine, task);
    task.debtNs += exitNs;
    return outcome.runs;
  }
  beginExit(machine, task);
  return outcome.leaves;
}

/** From the task's own stream: the same durations under every scheduler. */
function draw(task: Task, minNs: number, maxNs: number): number {
  if (minNs === maxNs) return minNs;
  task.random = step(task.random);
  const high = mix(task.random);
  task.random = step(task.random);
  return between(minNs, maxNs, high, mix(task.random));
}

function wait(machine: Machine, task: Task, index: number): number {
  const channel = machine.channels[index];
  if (channel === undefined) throw new RangeError(`no channel ${index}`);
  if (channel.units > 0) {
    channel.units--;
    return outcome.goOn;
  }
  task.waiterNext = null;
  if (channel.tail === null) channel.head = task;
  else channel.tail.waiterNext = task;
  channel.tail = task;
  task.state = taskState.sleeping;
  return outcome.leaves;
}

/** Each unit goes to the first sleeper, or stays in the channel. */
function signal(machine: Machine, task: Task, index: number, count: number, sync: boolean): void {
  const channel = machine.channels[index];
  if (channel === undefined) throw new RangeError(`no channel ${index}`);
  for (let unit = 0; unit < count; unit++) {
    const sleeper = channel.head;
    if (sleeper === null) {
      channel.units += count - unit;
      return;
    }
    channel.head = sleeper.waiterNext;
    if (channel.head === null) channel.tail = null;
    sleeper.waiterNext = null;
    if (unit > 0) task.debtNs += systemCallNs;
    wakeTask(machine, sleeper, sync, task.id);
  }
}

function fork(machine: Machine, parent: Task, spec: number): void {
  parent.debtNs += forkNs;
  const instance = machine.instances[spec] as number;
  machine.instances[spec] = instance + 1;
  const child = createTask(machine, spec, instance, parent, parent.cpu);
  if (!admitTask(machine, child)) {
    machine.forksFailed++;
    return;
  }
  parent.children++;
  announceTask(machine, child);
  wakeNewTask(machine, child, parent.id);
}
