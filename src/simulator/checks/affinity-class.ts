// All tasks with the same set of allowed CPUs, and what such a task could have had: integrals over time
// of its share of those CPUs and of their idleness. Kept by the ledger; read by the checks.
//
// The fluid reference: of n runnable tasks that may use any CPU of the set, with weights summing to W,
// and C CPUs available, a task of weight w earns w × C/W by its weight and min(1, C/n) as an equal
// (generalised processor sharing: Parekh and Gallager, IEEE/ACM Trans. Networking 1(3), 1993). Counting
// every task that can use any CPU of the set as if it used no other errs on the side of less.

import type { Topology } from "../scenario/scenario.ts";

export class AffinityClass {
  readonly cpus: readonly number[];
  readonly allowed: Uint8Array;
  /** Classes whose CPUs meet these, itself included. */
  readonly meeting: AffinityClass[] = [];
  members = 0;

  #llcOf: readonly number[];
  #lastNs: number;
  /** CPUs that are online and not taken by a real-time task. */
  #available = 0;
  #weights = 0;
  #runnable = 0;
  #byWeight = 0;
  #asEqual = 0;

  #idleCpus = 0;
  #idleOfLlc: Int32Array;
  #waitingOfLlc: Int32Array;
  /** Per LLC: time with an idle CPU of the set, up to `since`. */
  #idleNsOfLlc: Float64Array;
  #idleSinceOfLlc: Float64Array;
  #idleNs = 0;
  #idleSince = 0;
  #wasteRate = 0;
  #wastedNs = 0;

  constructor(cpus: readonly number[], topology: Topology, now: number) {
    this.cpus = cpus;
    this.allowed = new Uint8Array(topology.llcOf.length);
    for (const cpu of cpus) this.allowed[cpu] = 1;
    const llcs = Math.max(...topology.llcOf) + 1;
    this.#llcOf = topology.llcOf;
    this.#idleOfLlc = new Int32Array(llcs);
    this.#waitingOfLlc = new Int32Array(llcs);
    this.#idleNsOfLlc = new Float64Array(llcs);
    this.#idleSinceOfLlc = new Float64Array(llcs);
    this.#lastNs = now;
  }

  llcOf(cpu: number): number {
    return this.#llcOf[cpu] ?? 0;
  }

  /** What a task of weight 1 has earned by weight so far, ns. */
  byWeightNs(now: number): number {
    this.#settle(now);
    return this.#byWeight;
  }

  /** What a task has earned as an equal of all others so far, ns. */
  asEqualNs(now: number): number {
    this.#settle(now);
    return this.#asEqual;
  }

  /** Time in which at least one CPU of the set was idle. */
  idleNs(now: number): number {
    return this.#idleNs + (this.#idleCpus > 0 ? now - this.#idleSince : 0);
  }

  /** The same for the CPUs of one last-level cache. */
  idleNsOfLlc(llc: number, now: number): number {
    const idle = (this.#idleOfLlc[llc] ?? 0) > 0;
    return (this.#idleNsOfLlc[llc] ?? 0) + (idle ? now - (this.#idleSinceOfLlc[llc] ?? 0) : 0);
  }

  /** CPU time that stayed idle while tasks of this class waited under the same last-level cache. */
  wastedNs(now: number): number {
    this.#settle(now);
    return this.#wastedNs;
  }

  changeDemand(now: number, tasks: number, weight: number): void {
    this.#settle(now);
    this.#runnable += tasks;
    this.#weights += weight;
  }

  changeWaiting(now: number, cpu: number, by: number): void {
    this.#settle(now);
    const llc = this.#llcOf[cpu] ?? 0;
    this.#wasteRate -= this.#wasteOf(llc);
    this.#waitingOfLlc[llc] = (this.#waitingOfLlc[llc] ?? 0) + by;
    this.#wasteRate += this.#wasteOf(llc);
  }

  changeAvailable(now: number, by: number): void {
    this.#settle(now);
    this.#available += by;
  }

  changeIdle(now: number, cpu: number, by: 1 | -1): void {
    this.#settle(now);
    const llc = this.#llcOf[cpu] ?? 0;
    if (by === 1) {
      if (this.#idleCpus === 0) this.#idleSince = now;
      if (this.#idleOfLlc[llc] === 0) this.#idleSinceOfLlc[llc] = now;
    } else {
      if (this.#idleCpus === 1) this.#idleNs += now - this.#idleSince;
      if (this.#idleOfLlc[llc] === 1) {
        this.#idleNsOfLlc[llc] = this.idleNsOfLlc(llc, now);
      }
    }
    this.#idleCpus += by;
    this.#wasteRate -= this.#wasteOf(llc);
    this.#idleOfLlc[llc] = (this.#idleOfLlc[llc] ?? 0) + by;
    this.#wasteRate += this.#wasteOf(llc);
  }

  #wasteOf(llc: number): number {
    return Math.min(this.#idleOfLlc[llc] ?? 0, this.#waitingOfLlc[llc] ?? 0);
  }

  #settle(now: number): void {
    const passed = now - this.#lastNs;
    if (passed <= 0) return;
    this.#lastNs = now;
    if (this.#runnable > 0) {
      if (this.#weights > 0) this.#byWeight += (passed * this.#available) / this.#weights;
      this.#asEqual += passed * Math.min(1, this.#available / this.#runnable);
    }
    this.#wastedNs += passed * this.#wasteRate;
  }
}
