// Carries out the disturbances of one run: each at its time after the release, one after the other,
// and undoes them at the run's end, whatever happens. Knows no kernel: a Disturber does the deeds.
// Called by workload.ts; permission is its caller's business.

import type { Disturbance, DisturbanceReport } from "../contract/node-protocol.ts";
import type { Clock } from "./clock.ts";

/** Takes back what was done. */
export type Undo = () => Promise<void>;

export interface Disturber {
  /** Resolves when it is in force; null where there is nothing to take back. */
  disturb(disturbance: Disturbance): Promise<Undo | null>;
}

export class DisturbedRun {
  readonly #disturbances: readonly Disturbance[];
  readonly #disturber: Disturber;
  readonly #clock: Clock;
  readonly #reports: DisturbanceReport[] = [];
  readonly #undos: Undo[] = [];
  #work: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(disturbances: readonly Disturbance[], disturber: Disturber, clock: Clock) {
    this.#disturbances = [...disturbances].sort((a, b) => a.atMs - b.atMs);
    this.#disturber = disturber;
    this.#clock = clock;
  }

  /** What was begun and is in force by now, in order. */
  get reports(): readonly DisturbanceReport[] {
    return this.#reports;
  }

  /** The run was released just now. */
  begin(): void {
    if (this.#disturbances.length === 0) return;
    this.#work = this.#carryOut(this.#clock.nowMs());
  }

  /** Begins no more, waits for the one under way, takes everything back. */
  async end(): Promise<readonly DisturbanceReport[]> {
    this.#ended = true;
    this.#wake();
    await this.#work;
    const failures: unknown[] = [];
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      await undo().catch((thrown: unknown) => failures.push(thrown));
    }
    // What can't be taken back is no run to go on after.
    if (failures.length > 0) throw failures[0];
    return this.#reports;
  }

  async #carryOut(releasedMs: number): Promise<void> {
    for (const disturbance of this.#disturbances) {
      await this.#until(releasedMs + disturbance.atMs);
      if (this.#ended) return;
      const begunMs = this.#clock.nowMs();
      const failure = await this.#disturb(disturbance);
      this.#reports.push({
        kind: disturbance.kind,
        atMs: begunMs - releasedMs,
        durationMs: this.#clock.nowMs() - begunMs,
        failure,
      });
    }
  }

  /** A run's processes may end, and files refuse: that is told, and the run goes on. */
  async #disturb(disturbance: Disturbance): Promise<string | null> {
    try {
      const undo = await this.#disturber.disturb(disturbance);
      if (undo !== null) this.#undos.push(undo);
      return null;
    } catch (thrown) {
      return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 512);
    }
  }

  async #until(timeMs: number): Promise<void> {
    const leftMs = timeMs - this.#clock.nowMs();
    if (leftMs <= 0) return;
    const ended = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([this.#clock.sleep(leftMs), ended]);
  }
}
