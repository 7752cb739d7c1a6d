// The events of a short run in words, for a counterexample: its beginning, its end, and how many lie
// between. An observer.

import type { Observer, TaskStart } from "../core/observer.ts";
import type { PolicyExit } from "../core/policy-ops.ts";
import { duration, safeText } from "./words.ts";

const headMax = 24;
const tailMax = 12;

export class Story implements Observer {
  #names: string[] = [];
  #head: string[] = [];
  #tail: string[] = [];
  #count = 0;

  #tell(now: number, words: string): void {
    this.#count += 1;
    const line = `${now === 0 ? "0" : duration(now)}: ${words}`;
    if (this.#head.length < headMax) {
      this.#head.push(line);
      return;
    }
    this.#tail.push(line);
    if (this.#tail.length > 2 * tailMax) this.#tail = this.#tail.slice(-tailMax);
  }

  #name(task: number): string {
    return this.#names[task] ?? `task ${task}`;
  }

  taskStarted(now: number, task: number, start: TaskStart): void {
    this.#names[task] = `${safeText(start.comm)}[${start.pid}]`;
    this.#tell(now, `${this.#name(task)} starts, weight ${start.weight}`);
  }

  taskExited(now: number, task: number): void {
    this.#tell(now, `${this.#name(task)} exits`);
  }

  woken(now: number, task: number, cpu: number): void {
    this.#tell(now, `${this.#name(task)} wakes on CPU ${cpu}`);
  }

  running(now: number, task: number, cpu: number): void {
    this.#tell(now, `${this.#name(task)} runs on CPU ${cpu}`);
  }

  stopped(now: number, task: number, cpu: number, runnable: boolean): void {
    const why = runnable ? "still runnable" : "sleeps or exits";
    this.#tell(now, `${this.#name(task)} leaves CPU ${cpu}, ${why}`);
  }

  heldByPolicy(now: number, task: number): void {
    this.#tell(now, `${this.#name(task)} is kept by the policy, in no queue`);
  }

  idle(now: number, cpu: number, realtime: boolean): void {
    this.#tell(now, `CPU ${cpu} ${realtime ? "is taken by a real-time task" : "is idle"}`);
  }

  online(now: number, cpu: number, isOnline: boolean): void {
    this.#tell(now, `CPU ${cpu} goes ${isOnline ? "online" : "offline"}`);
  }

  weightChanged(now: number, task: number, weight: number): void {
    this.#tell(now, `${this.#name(task)} now has weight ${weight}`);
  }

  affinityChanged(now: number, task: number, cpus: readonly number[]): void {
    const shown = cpus.slice(0, 8).join(", ") + (cpus.length > 8 ? ", ..." : "");
    this.#tell(now, `${this.#name(task)} may now use CPUs ${shown}`);
  }

  exited(now: number, exit: PolicyExit): void {
    this.#tell(now, `policy leaves: ${safeText(exit.reason, 64)} (${safeText(exit.message, 160)})`);
  }

  lines(): string[] {
    const tail = this.#tail.slice(-tailMax);
    const left = this.#count - this.#head.length - tail.length;
    return left > 0 ? [...this.#head, `... ${left} more ...`, ...tail] : [...this.#head, ...tail];
  }
}
