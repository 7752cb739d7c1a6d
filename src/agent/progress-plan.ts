// Progress of a whole optimisation out of the progress of its phases: how far, and how long still,
// by what arms were seen to take. Kept by course.ts; draws nothing.

import type { Progress, ProgressEvent } from "../contract/node.ts";

export const phases = ["profile", "verify", "screen", "confirm", "trace", "report"] as const;
export type Phase = (typeof phases)[number];

export class ProgressPlan {
  readonly #progress: Progress;
  /** Empty until the budget is planned: before that nobody knows how long it takes. */
  #secondsPlanned: Partial<Record<Phase, number>> = {};
  #phase: Phase = "profile";
  #phaseFraction = 0;
  /** Plans change on the way; what was told does not go backwards. */
  #fractionTold = 0;
  readonly #elapsedSeconds: () => number;

  constructor(progress: Progress, elapsedSeconds: () => number) {
    this.#progress = progress;
    this.#elapsedSeconds = elapsedSeconds;
  }

  /** What the phases named still take; of the others the earlier plan stands. */
  plan(seconds: Partial<Record<Phase, number>>): void {
    this.#secondsPlanned = { ...this.#secondsPlanned, ...seconds };
  }

  enter(phase: Phase, message: string): void {
    this.#phase = phase;
    this.#phaseFraction = 0;
    this.tell({ message });
  }

  /** An event of the current phase's own. */
  tell(event: Omit<ProgressEvent, "step" | "fraction" | "etaSeconds">): void {
    this.#emit({ step: this.#phase, ...event });
  }

  /** Share of the current phase that is done. */
  advance(fraction: number): void {
    this.#phaseFraction = Math.min(1, Math.max(this.#phaseFraction, fraction));
  }

  /**
   * An event of the control plane's while it works on a part of the current phase (from `start`,
   * `share` of it). Setting up a node takes time of its own: such events pass as they are.
   */
  relay(event: ProgressEvent, part: { start: number; share: number }): void {
    if (event.step === "setup") {
      this.#progress(event);
      return;
    }
    if (event.fraction !== undefined) this.advance(part.start + part.share * event.fraction);
    this.#emit({ ...event, step: this.#phase });
  }

  #emit(event: ProgressEvent): void {
    const { step, message, candidate } = event;
    this.#progress({
      step,
      message,
      ...this.#estimate(),
      ...(candidate === undefined ? {} : { candidate }),
    });
  }

  #estimate(): { fraction?: number; etaSeconds?: number } {
    if (Object.keys(this.#secondsPlanned).length === 0) return {};
    const seconds = (phase: Phase) => this.#secondsPlanned[phase] ?? 0;
    const later = phases.slice(phases.indexOf(this.#phase) + 1);
    const left =
      (1 - this.#phaseFraction) * seconds(this.#phase) +
      later.reduce((sum, phase) => sum + seconds(phase), 0);
    const elapsed = this.#elapsedSeconds();
    const fraction = elapsed + left > 0 ? elapsed / (elapsed + left) : 0;
    this.#fractionTold = Math.max(this.#fractionTold, fraction);
    return { fraction: this.#fractionTold, etaSeconds: Math.round(left) };
  }
}
