// Cuts a run's observations into rounds: stretches in which each of several tasks that never sleep
// should have had its turn. Pure. Called by starvation.ts and weights.ts.

import type { Observation } from "./trial.ts";

/** No shorter than this: about a look at the guest, and several usual slices of 4 to 20 ms. */
const roundMsMin = 80;
/** A task that had so much of a CPU between two looks is taken for one that kept it throughout. */
const keptShare = 0.8;

export type RoundEvent =
  /** CPU time of each entry in one round, ms. `levelDivisor`: what a test's level is to be divided by. */
  | { kind: "round"; cpuMs: number[]; levelDivisor: number }
  /** A longer slice was seen: what was concluded from shorter rounds is void. */
  | { kind: "longer" };

/**
 * A round is as long as the longest stretch seen in which a task kept a CPU, times tasks per CPU. It
 * doubles when longer ones show, so a run of 15 s doubles it eight times at most; a test begun anew
 * then has half of the level that was left, so that all of them together keep the whole (the sum of
 * 1/2, 1/4, … is 1).
 */
export class Rounds {
  readonly #names: readonly string[];
  readonly #cpus: number;

  constructor(names: readonly string[], cpus: number) {
    this.#names = names;
    this.#cpus = cpus;
  }

  *replay(observations: readonly Observation[]): Generator<RoundEvent> {
    const perCpu = Math.max(1, this.#names.length / this.#cpus);
    let roundMs = roundMsMin;
    let levelDivisor = 2;
    let round = this.#zeros();
    let lengthMs = 0;
    const keptMs = this.#zeros();
    for (const interval of this.#intervals(observations)) {
      interval.cpuMs.forEach((used, index) => {
        const kept = used >= keptShare * interval.ms;
        keptMs[index] = kept ? (keptMs[index] ?? 0) + interval.ms : 0;
      });
      if (Math.max(...keptMs) * perCpu > roundMs) {
        while (Math.max(...keptMs) * perCpu > roundMs) {
          roundMs *= 2;
          levelDivisor *= 2;
        }
        round = this.#zeros();
        lengthMs = 0;
        yield { kind: "longer" };
        continue;
      }
      round = round.map((sum, index) => sum + (interval.cpuMs[index] ?? 0));
      lengthMs += interval.ms;
      if (lengthMs < roundMs) continue;
      yield { kind: "round", cpuMs: round, levelDivisor };
      round = this.#zeros();
      lengthMs = 0;
    }
  }

  /** Length in CPU time that the guest had, so that what the host took away stretches nothing. */
  *#intervals(observations: readonly Observation[]): Generator<{ ms: number; cpuMs: number[] }> {
    for (const [index, later] of observations.entries()) {
      const earlier = observations[index - 1];
      if (earlier === undefined) continue;
      const usedBy = later.entries.map(
        ({ entry, cpuMs }, place) => [entry, cpuMs - (earlier.entries[place]?.cpuMs ?? 0)] as const,
      );
      const all = usedBy.reduce((sum, [, ms]) => sum + ms, 0);
      const cpuMs = this.#names.map((name) => usedBy.find(([entry]) => entry === name)?.[1] ?? 0);
      yield { ms: Math.min(later.atMs - earlier.atMs, all / this.#cpus), cpuMs };
    }
  }

  #zeros(): number[] {
    return this.#names.map(() => 0);
  }
}
