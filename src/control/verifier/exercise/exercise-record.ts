// What an exercise has found out so far, over all guests that it needed. Called by exercise.ts and
// trial-session.ts.

import type { NodeLease } from "../../../contract/node.ts";
import type { Finding, Verdict } from "../../../contract/verdict.ts";
import type { StageOutcome } from "../stage-record.ts";

/** A policy that makes every trial go to its longest window has been looked at long enough, ms. */
const stageMsMax = 120_000;

export interface ExerciseReport {
  load: { outcome: StageOutcome; durationMs: number };
  /** Null where the policy did not load. */
  exercise: { outcome: StageOutcome; durationMs: number } | null;
  evidence: Verdict["evidence"];
}

const passed: StageOutcome = { status: "pass", findings: [] };

export class ExerciseRecord {
  #guestsRetried = 0;
  #findings: Finding[] = [];
  readonly #startedMs = performance.now();
  #trials: string[] = [];
  /** Findings and trials before the group that is under way. */
  #before: { findings: Finding[]; trials: string[] } = { findings: [], trials: [] };
  #isUndecided = false;
  #facts: Verdict["evidence"] = {};
  #restarts = 0;
  #revertMs: number | null = null;
  /** From the start until it was live or refused for the first time, ms. */
  #loadMs: number | null = null;
  #refusedAtOnce = false;

  get isTooLong(): boolean {
    return performance.now() - this.#startedMs > stageMsMax;
  }

  get guestsRetried(): number {
    return this.#guestsRetried;
  }

  get isRejected(): boolean {
    return this.#findings.some(({ severity }) => severity === "error");
  }

  on({ environment }: NodeLease): void {
    const { kernel, imageSha256, accelerator } = environment;
    this.#facts = { kernel, imageSha256, accelerator };
  }

  loaded(refusal: Finding | null): void {
    if (this.#loadMs === null) {
      this.#loadMs = performance.now() - this.#startedMs;
      this.#refusedAtOnce = refusal !== null;
    }
    if (refusal !== null) this.#findings.push(refusal);
  }

  tried(
    id: string,
    findings: readonly Finding[],
    seen: { restart: boolean; revertMs: number | null },
  ): void {
    this.#findings.push(...findings);
    this.#trials.push(id);
    if (seen.restart) this.#restarts++;
    if (seen.revertMs !== null) this.#revertMs = Math.max(this.#revertMs ?? 0, seen.revertMs);
  }

  /** A group may be tried again in another guest: what it said so far is then void. */
  beginGroup(): void {
    this.#before = { findings: [...this.#findings], trials: [...this.#trials] };
  }

  /** The emulator's doing: the group under way begins again in another guest. */
  guestLost(): void {
    this.#guestsRetried++;
    this.#findings = [...this.#before.findings];
    this.#trials = [...this.#before.trials];
  }

  rejected(finding: Finding): void {
    this.#findings.push(finding);
  }

  /** Nothing is known of the group under way, nor of those after it. */
  undecided(finding: Finding): void {
    this.#findings = [...this.#before.findings, finding];
    this.#trials = this.#before.trials;
    this.#isUndecided = true;
  }

  /** What a run of the workload came to. */
  add({ outcome, evidence }: { outcome: StageOutcome; evidence: Verdict["evidence"] }): void {
    this.#findings.push(...outcome.findings);
    this.#isUndecided ||= outcome.status === "inconclusive";
    Object.assign(this.#facts, evidence);
  }

  report(): ExerciseReport {
    const elapsedMs = performance.now() - this.#startedMs;
    const loadMs = this.#loadMs ?? elapsedMs;
    const evidence = this.#evidence();
    const status = this.isRejected ? "reject" : this.#isUndecided ? "inconclusive" : "pass";
    const outcome: StageOutcome = { status, findings: this.#findings };
    if (this.#loadMs === null || this.#refusedAtOnce) {
      return { load: { outcome, durationMs: loadMs }, exercise: null, evidence };
    }
    return {
      load: { outcome: passed, durationMs: loadMs },
      exercise: { outcome, durationMs: elapsedMs - loadMs },
      evidence,
    };
  }

  #evidence(): Verdict["evidence"] {
    return {
      ...this.#facts,
      guestsRetried: this.#guestsRetried,
      ...(this.#trials.length === 0 ? {} : { trials: this.#trials.join(" ") }),
      ...(this.#restarts === 0 ? {} : { hotplugRestarts: this.#restarts }),
      ...(this.#revertMs === null ? {} : { revertMs: Math.round(this.#revertMs) }),
    };
  }
}
