// What a helper or kfunc sees when a program calls it: memory, maps, kernel objects, the simulated
// kernel, and which callback is running. One for each policy instance; made by policy-instance.ts.

import type { Kernel } from "../core/kernel.ts";
import type { OpName, OpsSettings } from "../core/policy-ops.ts";
import type { Unsupported } from "../machine/calls.ts";
import type { Machine } from "../machine/machine.ts";
import type { SandboxMemory } from "../machine/memory.ts";
import type { BpfObject } from "../object/bpf-object.ts";
import type { MapTable } from "./maps/map-table.ts";
import type { Cgroups } from "./objects/cgroups.ts";
import type { Cpumasks } from "./objects/cpumasks.ts";
import type { Cpus } from "./objects/cpus.ts";
import { Heap } from "./objects/heap.ts";
import type { IdleMasks } from "./objects/idle-masks.ts";
import type { Layout } from "./objects/layout.ts";
import { NO_TASK, type Tasks } from "./objects/tasks.ts";
import { Timers } from "./timers.ts";

const PRINTED_LINES_MAX = 1000;

export interface SurroundingParts {
  object: BpfObject;
  memory: SandboxMemory;
  layout: Layout;
  masks: Cpumasks;
  tasks: Tasks;
  cgroups: Cgroups;
  cpus: Cpus;
  maps: MapTable;
  idleMasks: IdleMasks;
  settings: OpsSettings;
  /** The policy defines update_idle. */
  ownsIdle: boolean;
}

export class Surroundings {
  readonly object: BpfObject;
  readonly memory: SandboxMemory;
  readonly view: DataView;
  readonly layout: Layout;
  readonly masks: Cpumasks;
  readonly tasks: Tasks;
  readonly cgroups: Cgroups;
  readonly cpus: Cpus;
  readonly maps: MapTable;
  readonly idleMasks: IdleMasks;
  readonly settings: OpsSettings;
  readonly ownsIdle: boolean;
  readonly heap: Heap;
  readonly timers: Timers;
  readonly printed: string[] = [];
  readonly unsupported: Unsupported[] = [];
  /** The callback that runs; null in a timer's. Its task, or -1. */
  op: OpName | null = null;
  opTask = -1;
  #kernel: Kernel | null = null;
  #machine: Machine | null = null;

  constructor(parts: SurroundingParts) {
    this.object = parts.object;
    this.memory = parts.memory;
    this.view = parts.memory.view;
    this.layout = parts.layout;
    this.masks = parts.masks;
    this.tasks = parts.tasks;
    this.cgroups = parts.cgroups;
    this.cpus = parts.cpus;
    this.maps = parts.maps;
    this.idleMasks = parts.idleMasks;
    this.settings = parts.settings;
    this.ownsIdle = parts.ownsIdle;
    this.heap = new Heap(parts.memory);
    this.timers = new Timers(this);
  }

  attach(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  start(machine: Machine): void {
    this.#machine = machine;
  }

  /** Null before attach(). */
  get kernelOrNull(): Kernel | null {
    return this.#kernel;
  }

  get kernel(): Kernel {
    if (!this.#kernel) throw new Error("a policy's callback ran before attach()");
    return this.#kernel;
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error("a policy's call ran before its machine was there");
    return this.#machine;
  }

  /** Runs a timer's callback: not within any of the ops. */
  outsideOps(run: () => void): void {
    const { op, opTask } = this;
    this.op = null;
    this.opTask = -1;
    try {
      run();
    } finally {
      this.op = op;
      this.opTask = opTask;
    }
  }

  /** The program gave a call what the kernel's verifier would not have let it give. */
  fault(message: string): never {
    throw this.machine.fault("out-of-bounds", message);
  }

  /** Throws a fault unless so many bytes from there on may be read. Answers the address. */
  span(address: number, size: number): number {
    return this.#passed(address, size, "read");
  }

  /** As `span`, of what a call writes to. */
  target(address: number, size: number): number {
    return this.#passed(address, size, "read-write");
  }

  #passed(address: number, size: number, access: "read" | "read-write"): number {
    if (this.memory.allows(address, size, access)) return address;
    if (address === 0) return this.fault("a NULL pointer was passed to the kernel");
    const use = access === "read" ? "read" : "written";
    return this.fault(
      `${size} bytes to be ${use} were passed to the kernel at ${this.memory.describe(address)}`,
    );
  }

  /** The task whose task_struct this is; -1 - cpu for an idle task. Throws a fault where it is none. */
  task(address: number): number {
    const index = this.tasks.indexAt(address);
    if (index !== NO_TASK) return index;
    return this.fault(`${this.memory.describe(address)} was passed as a task_struct`);
  }

  /** As `task`, of one that can be queued: idle tasks are a fault, too. */
  schedulable(address: number): number {
    const index = this.task(address);
    return index >= 0 ? index : this.fault("an idle task was passed where none may be");
  }

  /** task_struct of a task, 0 for -1. */
  taskPointer(task: number): number {
    return task < 0 ? 0 : this.tasks.addressOf(task);
  }

  cgroup(address: number): number {
    const index = this.cgroups.indexAt(address);
    if (index >= 0) return index;
    return this.fault(`${this.memory.describe(address)} was passed as a cgroup`);
  }

  /** task_struct of what runs on this CPU; its idle task where nothing does. */
  currentTask(): number {
    const task = this.kernel.currentTask();
    return task < 0 ? this.tasks.idleAddress(this.kernel.currentCpu()) : this.tasks.addressOf(task);
  }

  /** What the policy relies on without effect here: once each by name. */
  notModelled(kind: Unsupported["kind"], name: string): void {
    if (this.unsupported.some((known) => known.name === name)) return;
    this.unsupported.push({ kind, name, program: this.op ?? "" });
  }

  /** Text up to a NUL or `most` bytes. */
  text(address: number, most: number): string {
    if (address < 4096) return "(null)";
    const { bytes } = this.memory;
    const end = Math.min(address + most, bytes.length);
    const terminator = bytes.indexOf(0, address);
    const stop = terminator < 0 || terminator > end ? end : terminator;
    return Buffer.from(bytes.subarray(address, stop)).toString("utf8");
  }

  print(line: string): void {
    if (this.printed.length < PRINTED_LINES_MAX) this.printed.push(line);
  }

  /** The kernel answers wrong CPU numbers with an exit (ops_cpu_valid in kernel/sched/ext). */
  validCpu(cpu: number): boolean {
    if (cpu >= 0 && cpu < this.cpus.count) return true;
    this.kernel.runtimeError(`invalid CPU ${cpu}`);
    return false;
  }
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
