// When a scenario's own tasks start: drawn once, in the scenario's order, then started by time. A kernel
// thread that is there from the beginning exists before the policy is loaded; every other task is forked,
// as by a shell on the first CPU.

import { firstOnline } from "./event-loop.ts";
import { admitTask, announceTask, createTask } from "./lifecycle.ts";
import type { Machine } from "./machine.ts";
import { between, mix, step, streamOf } from "./random.ts";
import type { Task } from "./task.ts";
import { wakeNewTask, wakeTask } from "./wakeup.ts";

interface Start {
  atNs: number;
  spec: number;
  instance: number;
}

export class Starts {
  readonly #machine: Machine;
  readonly #starts: Start[] = [];
  readonly #existing: Task[] = [];
  #next = 0;
  #foregroundLeft = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    machine.scenario.tasks.forEach((spec, index) => {
      for (let instance = 0; instance < spec.count; instance++) {
        const atNs = startTime(machine, index, instance);
        if (spec.kernelThread && atNs === 0) {
          this.#existing.push(createTask(machine, index, instance, null, firstOnline(machine)));
        } else {
          this.#starts.push({ atNs, spec: index, instance });
          if (!spec.background) this.#foregroundLeft++;
        }
      }
      machine.instances[index] = spec.count;
    });
    // Stable: equal times keep the scenario's order.
    this.#starts.sort((a, b) => a.atNs - b.atNs);
  }

  /** Every task that the makespan waits for has been started. */
  get foregroundStarted(): boolean {
    return this.#foregroundLeft === 0;
  }

  nextNs(): number {
    return this.#starts[this.#next]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  /** Kernel threads that were there before the policy begin to run. */
  startExisting(): void {
    for (const task of this.#existing) {
      announceTask(this.#machine, task);
      wakeTask(this.#machine, task, false, -1);
    }
  }

  startDue(): void {
    const machine = this.#machine;
    for (; this.nextNs() <= machine.now; this.#next++) {
      const start = this.#starts[this.#next] as Start;
      const cpu = firstOnline(machine);
      machine.thisCpu = cpu;
      const task = createTask(machine, start.spec, start.instance, null, cpu);
      if (!task.background) this.#foregroundLeft--;
      if (!admitTask(machine, task)) {
        machine.forksFailed++;
        continue;
      }
      announceTask(machine, task);
      wakeNewTask(machine, task, -1);
    }
  }
}

function startTime(machine: Machine, spec: number, instance: number): number {
  const startNs = machine.scenario.tasks[spec]?.startNs ?? 0;
  if (typeof startNs === "number") return startNs;
  // Another stream than the task's own, which belongs to its steps.
  const first = step(streamOf(machine.scenario.seed ^ 0x5bd1e995, spec, instance));
  return between(startNs.minNs, startNs.maxNs, mix(first), mix(step(first)));
}
