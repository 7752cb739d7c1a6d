// PolicyOps over the programs of an object: each op puts its arguments into a context, as the kernel's
// trampoline does, and runs the program. Called by the core, also from inside a kfunc of another op.

import { deqToKernel, enqToKernel } from "../core/flags.ts";
import {
  type OpName,
  type OpsSettings,
  opIndex,
  opNames,
  type PolicyExit,
  type PolicyOps,
} from "../core/policy-ops.ts";
import type { OpArguments } from "./objects/op-arguments.ts";
import type { Surroundings } from "./surroundings.ts";

/** Ops have at most four arguments of 64 bits. */
const CONTEXT_BYTES = 32;
/** Ops within ops; more than the machine allows. */
const DEPTH_MAX = 8;

export class ProgramOps implements PolicyOps {
  readonly settings: OpsSettings;
  readonly defined: ReadonlySet<OpName>;
  readonly #surroundings: Surroundings;
  /** By opIndex; -1: not defined. */
  readonly #programs: Int32Array;
  readonly #arguments: OpArguments;
  readonly #fuel: number;
  readonly #contexts: number;
  readonly #view: DataView;
  #depth = 0;

  constructor(
    surroundings: Surroundings,
    programs: ReadonlyMap<OpName, number>,
    opArguments: OpArguments,
    fuelPerCallback: number,
  ) {
    this.settings = surroundings.settings;
    this.defined = new Set(programs.keys());
    this.#surroundings = surroundings;
    this.#programs = Int32Array.from(opNames, (op) => programs.get(op) ?? -1);
    this.#arguments = opArguments;
    this.#fuel = fuelPerCallback;
    this.#view = surroundings.view;
    this.#contexts = surroundings.memory.allocate(
      CONTEXT_BYTES * DEPTH_MAX,
      "read",
      "the arguments of a callback",
    );
  }

  /** Argument of the callback that runs next: two halves. */
  #put(index: number, low: number, high: number): void {
    const at = this.#contexts + this.#depth * CONTEXT_BYTES + index * 8;
    this.#view.setUint32(at, low >>> 0, true);
    this.#view.setUint32(at + 4, high >>> 0, true);
  }

  #putTask(index: number, task: number): void {
    this.#put(index, this.#surroundings.taskPointer(task), 0);
  }

  #putSigned(index: number, value: number): void {
    this.#put(index, value, value < 0 ? 0xffff_ffff : 0);
  }

  /** Lower half of r0, signed. */
  #run(index: number, task: number): number {
    const program = this.#programs[index] as number;
    const op = opNames[index] as OpName;
    if (program < 0) throw new Error(`ops.${op} was called though it is not defined`);
    const surroundings = this.#surroundings;
    const { op: outerOp, opTask: outerTask } = surroundings;
    const context = this.#contexts + this.#depth * CONTEXT_BYTES;
    surroundings.op = op;
    surroundings.opTask = task;
    if (this.#depth === 0) surroundings.machine.refuel(this.#fuel);
    this.#depth += 1;
    try {
      return surroundings.machine.run(program, context, 1 << index);
    } finally {
      this.#depth -= 1;
      surroundings.op = outerOp;
      surroundings.opTask = outerTask;
    }
  }

  #runTask(op: number, task: number): number {
    this.#putTask(0, task);
    return this.#run(op, task);
  }

  selectCpu(task: number, prevCpu: number, wakeFlags: number): number {
    this.#putSigned(1, prevCpu);
    this.#put(2, wakeFlags, 0);
    return this.#runTask(opIndex.select_cpu, task);
  }

  enqueue(task: number, enqFlags: number): void {
    const word = enqToKernel(enqFlags);
    this.#put(1, word.low, word.high);
    this.#runTask(opIndex.enqueue, task);
  }

  dequeue(task: number, deqFlags: number): void {
    const word = deqToKernel(deqFlags);
    this.#put(1, word.low, word.high);
    this.#runTask(opIndex.dequeue, task);
  }

  dispatch(cpu: number, prev: number): void {
    this.#putSigned(0, cpu);
    this.#putTask(1, prev);
    this.#run(opIndex.dispatch, -1);
  }

  tick(task: number): void {
    this.#runTask(opIndex.tick, task);
  }

  runnable(task: number, enqFlags: number): void {
    const word = enqToKernel(enqFlags);
    this.#put(1, word.low, word.high);
    this.#runTask(opIndex.runnable, task);
  }

  running(task: number): void {
    this.#runTask(opIndex.running, task);
  }

  stopping(task: number, runnable: boolean): void {
    this.#put(1, runnable ? 1 : 0, 0);
    this.#runTask(opIndex.stopping, task);
  }

  quiescent(task: number, deqFlags: number): void {
    const word = deqToKernel(deqFlags);
    this.#put(1, word.low, word.high);
    this.#runTask(opIndex.quiescent, task);
  }

  yield(from: number, to: number): boolean {
    this.#putTask(1, to);
    return (this.#runTask(opIndex.yield, from) & 0xff) !== 0;
  }

  coreSchedBefore(a: number, b: number): boolean {
    this.#putTask(1, b);
    return (this.#runTask(opIndex.core_sched_before, a) & 0xff) !== 0;
  }

  setWeight(task: number, weight: number): void {
    this.#put(1, weight, 0);
    this.#runTask(opIndex.set_weight, task);
  }

  setCpumask(task: number): void {
    const { tasks } = this.#surroundings;
    this.#put(1, tasks.allowedMask(tasks.addressOf(task)), 0);
    this.#runTask(opIndex.set_cpumask, task);
  }

  updateIdle(cpu: number, idle: boolean): void {
    this.#putSigned(0, cpu);
    this.#put(1, idle ? 1 : 0, 0);
    this.#run(opIndex.update_idle, -1);
  }

  cpuAcquire(cpu: number): void {
    this.#putSigned(0, cpu);
    this.#put(1, this.#arguments.cpuAcquire(), 0);
    this.#run(opIndex.cpu_acquire, -1);
  }

  cpuRelease(cpu: number, reason: number): void {
    this.#putSigned(0, cpu);
    // Whoever took the CPU is no task of ours: its idle task stands for it.
    const taker = this.#surroundings.tasks.idleAddress(cpu);
    this.#put(1, this.#arguments.cpuRelease(reason, taker), 0);
    this.#run(opIndex.cpu_release, -1);
  }

  initTask(task: number, fork: boolean): number {
    const { tasks, cgroups } = this.#surroundings;
    const cgroup = cgroups.addressOf(tasks.cgroupOf(task));
    this.#put(1, this.#arguments.initTask(fork, cgroup), 0);
    const error = this.#runTask(opIndex.init_task, task);
    if (tasks.disallowed(task)) this.#surroundings.notModelled("feature", "p->scx.disallow");
    return error;
  }

  exitTask(task: number, cancelled: boolean): void {
    this.#put(1, this.#arguments.exitTask(cancelled), 0);
    this.#runTask(opIndex.exit_task, task);
  }

  enable(task: number): void {
    this.#runTask(opIndex.enable, task);
  }

  disable(task: number): void {
    this.#runTask(opIndex.disable, task);
  }

  #runCgroup(op: number, cgroup: number): number {
    this.#put(0, this.#surroundings.cgroups.addressOf(cgroup), 0);
    return this.#run(op, -1);
  }

  cgroupInit(cgroup: number): number {
    const weight = this.#surroundings.cgroups.weight(cgroup);
    this.#put(1, this.#arguments.cgroupInit(weight), 0);
    return this.#runCgroup(opIndex.cgroup_init, cgroup);
  }

  cgroupExit(cgroup: number): void {
    this.#runCgroup(opIndex.cgroup_exit, cgroup);
    this.#surroundings.maps.ownerFreed("cgroup", cgroup);
  }

  #runMove(op: number, task: number, from: number, to: number): number {
    const { cgroups } = this.#surroundings;
    this.#put(1, cgroups.addressOf(from), 0);
    this.#put(2, cgroups.addressOf(to), 0);
    return this.#runTask(op, task);
  }

  cgroupPrepMove(task: number, from: number, to: number): number {
    return this.#runMove(opIndex.cgroup_prep_move, task, from, to);
  }

  cgroupMove(task: number, from: number, to: number): void {
    this.#runMove(opIndex.cgroup_move, task, from, to);
  }

  cgroupCancelMove(task: number, from: number, to: number): void {
    this.#runMove(opIndex.cgroup_cancel_move, task, from, to);
  }

  cgroupSetWeight(cgroup: number, weight: number): void {
    this.#surroundings.cgroups.setWeight(cgroup, weight);
    this.#put(1, weight, 0);
    this.#runCgroup(opIndex.cgroup_set_weight, cgroup);
  }

  cgroupSetBandwidth(cgroup: number, periodUs: number, quotaUs: number, burstUs: number): void {
    [periodUs, quotaUs, burstUs].forEach((value, index) => {
      const all = value === Number.POSITIVE_INFINITY;
      this.#put(index + 1, all ? -1 : value, all ? -1 : Math.floor(value / 2 ** 32));
    });
    this.#runCgroup(opIndex.cgroup_set_bandwidth, cgroup);
  }

  cgroupSetIdle(cgroup: number, idle: boolean): void {
    this.#put(1, idle ? 1 : 0, 0);
    this.#runCgroup(opIndex.cgroup_set_idle, cgroup);
  }

  cpuOnline(cpu: number): void {
    this.#putSigned(0, cpu);
    this.#run(opIndex.cpu_online, -1);
  }

  cpuOffline(cpu: number): void {
    this.#putSigned(0, cpu);
    this.#run(opIndex.cpu_offline, -1);
  }

  init(): number {
    return this.#run(opIndex.init, -1);
  }

  exit(exit: PolicyExit): void {
    this.#put(0, this.#arguments.exit(exit), 0);
    this.#run(opIndex.exit, -1);
  }
}
