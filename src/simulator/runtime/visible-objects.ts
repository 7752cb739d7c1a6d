// VisibleState over the kernel objects in a policy's memory. Called by the core on every change that a
// policy can see; small on purpose, most of it is hot.

import type { TaskFacts, VisibleState } from "../core/visible-state.ts";
import { ownerOf } from "./helpers/maps.ts";
import type { Tasks } from "./objects/tasks.ts";
import type { Surroundings } from "./surroundings.ts";

export class VisibleObjects implements VisibleState {
  readonly #surroundings: Surroundings;
  readonly #tasks: Tasks;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#tasks = surroundings.tasks;
  }

  taskCreated(task: number, facts: TaskFacts): void {
    this.#tasks.created(task, facts);
    this.setCgroup(task, 0);
  }

  taskFreed(task: number): void {
    this.#surroundings.maps.ownerFreed("task", ownerOf(task));
    this.#tasks.freed(task);
  }

  slice(task: number): number {
    return this.#tasks.slice(task);
  }

  setSlice(task: number, ns: number): void {
    this.#tasks.setSlice(task, ns);
  }

  vtimeLow(task: number): number {
    return this.#tasks.vtimeLow(task);
  }

  vtimeHigh(task: number): number {
    return this.#tasks.vtimeHigh(task);
  }

  setVtime(task: number, low: number, high: number): void {
    this.#tasks.setVtime(task, low, high);
  }

  setNice(task: number, nice: number, weight: number): void {
    this.#tasks.setNice(task, nice, weight);
  }

  setAffinity(task: number, cpus: readonly number[]): void {
    this.#tasks.setAffinity(task, cpus);
  }

  setPlace(task: number, cpu: number, onCpu: boolean, onRq: boolean): void {
    this.#tasks.setPlace(task, cpu, onCpu, onRq);
  }

  /** update_curr_common() brings both up to date at once. */
  setRuntime(task: number, ns: number): void {
    this.#tasks.setRuntime(task, ns);
    const kernel = this.#surroundings.kernelOrNull;
    if (kernel) this.#tasks.setExecStart(task, kernel.now());
  }

  setScxFlags(task: number, flags: number): void {
    this.#tasks.setScxFlags(task, flags);
  }

  setRunnableAt(task: number, jiffies: number): void {
    this.#tasks.setRunnableAt(task, jiffies);
  }

  setExiting(task: number): void {
    this.#tasks.setExiting(task);
  }

  setComm(task: number, comm: string): void {
    this.#tasks.setComm(task, comm);
  }

  setPolicy(task: number, policy: number): void {
    this.#tasks.setPolicy(task, policy);
  }

  setSwitches(task: number, voluntary: number, involuntary: number): void {
    this.#tasks.setSwitches(task, voluntary, involuntary);
  }

  setCgroup(task: number, cgroup: number): void {
    this.#tasks.setCgroup(task, cgroup, this.#surroundings.cgroups.memberLinks(cgroup));
  }

  setCurrent(cpu: number, task: number, runnable: number): void {
    const { cpus } = this.#surroundings;
    const current = task < 0 ? this.#tasks.idleAddress(cpu) : this.#tasks.addressOf(task);
    cpus.setCurrent(cpu, current, runnable);
  }
}
