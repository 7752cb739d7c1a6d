// The simulated machine's state: clock, CPUs, tasks, channels, and the scheduler under test. The rules
// that change it are in the files beside this one (schedule, wakeup, steps, change, hotplug, realtime) and
// in scx/ and ../baseline/. Made by simulate-scenario.

import type { Scenario } from "../scenario/scenario.ts";
import { Cpu } from "./cpu.ts";
import { type CpuSet, cpuSet, everyCpu } from "./cpu-set.ts";
import { EventQueue } from "./event-queue.ts";
import type { Observer } from "./observer.ts";
import { compileProgram, type Program } from "./program.ts";
import { mix } from "./random.ts";
import type { RunLimits } from "./run-summary.ts";
import type { Scx } from "./scx/scx.ts";
import type { Task } from "./task.ts";
import { type MachineTopology, machineTopology } from "./topology.ts";
import type { VisibleState } from "./visible-state.ts";

/** What a popped timer means; its argument is a CPU, a task or a policy's timer. */
export const timer = {
  runEnd: 0,
  tick: 1,
  resched: 2,
  realtime: 3,
  wake: 4,
  scenario: 5,
  watchdog: 6,
  disable: 7,
  policy: 8,
  bypassBalance: 9,
} as const;

/** A counting semaphore with its sleepers, first come first served. */
export interface Channel {
  units: number;
  head: Task | null;
  tail: Task | null;
}

export class Machine {
  now = 0;
  /** Where the running code executes (smp_processor_id). */
  thisCpu = 0;
  events = 0;
  readonly scenario: Scenario;
  readonly limits: RunLimits;
  readonly observer: Observer;
  /** Null where no policy looks: then nothing is told. */
  visible: VisibleState | null;
  readonly queue = new EventQueue();
  readonly topology: MachineTopology;
  readonly cpus: Cpu[] = [];
  readonly everyCpu: CpuSet;
  onlineCpus: number;
  readonly tasks: Task[] = [];
  readonly programs: Program[];
  readonly specCpus: CpuSet[];
  readonly instances: number[];
  readonly channels: Channel[] = [];
  readonly cgroupWeights: number[];
  /** Tasks that the makespan waits for. */
  foregroundLeft = 0;
  foregroundEndNs = 0;
  forksFailed = 0;
  dispatchRounds = 0;
  scx: Scx | null = null;

  constructor(
    scenario: Scenario,
    limits: RunLimits,
    observer: Observer,
    visible: VisibleState | null,
  ) {
    this.scenario = scenario;
    this.limits = limits;
    this.observer = observer;
    this.visible = visible;
    this.topology = machineTopology(scenario.topology);
    const cpus = this.topology.cpus;
    this.onlineCpus = cpus;
    this.everyCpu = everyCpu(cpus);
    for (let id = 0; id < cpus; id++) {
      const cpu = new Cpu(id, this.topology.capacityOf[id] as number, cpus);
      cpu.runEndSlot = this.queue.allocate(timer.runEnd, id);
      cpu.tickSlot = this.queue.allocate(timer.tick, id);
      cpu.reschedSlot = this.queue.allocate(timer.resched, id);
      cpu.realtimeSlot = this.queue.allocate(timer.realtime, id);
      this.cpus.push(cpu);
    }
    this.programs = scenario.tasks.map((spec) => compileProgram(spec, cpus));
    this.specCpus = scenario.tasks.map((spec) =>
      spec.cpus === null ? this.everyCpu : cpuSet(spec.cpus, cpus),
    );
    this.instances = scenario.tasks.map(() => 0);
    const channels = Math.max(0, ...this.programs.map((program) => program.channels));
    for (let i = 0; i < channels; i++) this.channels.push({ units: 0, head: null, tail: null });
    this.cgroupWeights = scenario.cgroups.map((cgroup) => cgroup.weight);
    this.randomState = mix(scenario.seed) | 0;
  }

  /** Stream of Kernel.random and of the core's own choices; tasks have their own. */
  randomState: number;

  cpu(id: number): Cpu {
    return this.cpus[id] as Cpu;
  }

  task(id: number): Task {
    return this.tasks[id] as Task;
  }

  /** The policy has left: nothing is told to its memory any more, its class is empty. */
  dropPolicy(): void {
    this.scx = null;
    this.visible = null;
  }

  /** set_task_cpu. */
  setTaskCpu(task: Task, cpu: number): void {
    task.cpu = cpu;
    if (this.visible !== null) this.visible.setPlace(task.id, cpu, task.onCpu, task.onRq);
  }
}
