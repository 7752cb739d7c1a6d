// What the phases of one optimisation share: the counted control plane, the clock and the budget,
// progress and the signal. Owns what is learnt of time; takes no decision. Made by optimize.ts, used
// by candidates.ts, screening.ts and confirmation.ts.

import { SchedcpError } from "../contract/errors.ts";
import type { Progress } from "../contract/node.ts";
import type { Workload } from "../contract/workload.ts";
import type { ControlPlane, OperationOptions } from "../control/control-plane.ts";
import { type Budget, planBudget, traceArms } from "./budget.ts";
import { countCalls } from "./counted-control-plane.ts";
import { percent } from "./decision.ts";
import { ProgressPlan } from "./progress-plan.ts";
import { scheduleArms } from "./successive-halving.ts";

export interface CourseInput {
  workload: Workload;
  control: ControlPlane;
  /** For everything, report included; budgetSecondsDefault where the user says nothing. */
  budgetSeconds: number;
  seed: number;
  /** Wall clock, ms. */
  now: () => number;
  progress?: Progress;
  signal?: AbortSignal;
}

export class Course {
  readonly workload: Workload;
  readonly control: ControlPlane;
  readonly seed: number;
  readonly budgetSeconds: number;
  readonly startedMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
  readonly progress: ProgressPlan;
  readonly toolCalls: () => number;
  /** What one arm takes, by the latest look; 0 before the first. */
  armSeconds = 0;

  constructor(input: CourseInput) {
    const { control, toolCalls } = countCalls(input.control);
    this.workload = input.workload;
    this.control = control;
    this.toolCalls = toolCalls;
    this.seed = input.seed;
    this.budgetSeconds = input.budgetSeconds;
    this.now = input.now;
    this.signal = input.signal;
    this.progress = new ProgressPlan(
      input.progress ?? (() => undefined),
      () => this.elapsedSeconds,
    );
    this.startedMs = input.now();
  }

  get elapsedSeconds(): number {
    return (this.now() - this.startedMs) / 1000;
  }

  /** What the time left is good for, and the phases' lengths for the progress. */
  plan(candidates: number, verifySeconds: number): Budget {
    const budget = planBudget({
      secondsLeft: this.budgetSeconds - this.elapsedSeconds,
      armSeconds: Math.max(this.armSeconds, 0.001),
      verifySeconds,
      candidates,
      pairs: this.workload.measure.pairs,
    });
    this.progress.plan({
      ...(verifySeconds > 0 ? { verify: budget.candidates * verifySeconds } : {}),
      screen: scheduleArms(budget.rungs) * this.armSeconds,
      confirm: 2 * budget.pairs * this.armSeconds,
      trace: traceArms * this.armSeconds,
      report: 1,
    });
    return budget;
  }

  /** For a call of the control plane that makes up a part of the current phase. */
  options(part = { start: 0, share: 1 }): OperationOptions {
    return {
      progress: (event) => this.progress.relay(event, part),
      ...(this.signal === undefined ? {} : { signal: this.signal }),
    };
  }

  /** Throws `interrupted` once the signal is raised: called between steps. */
  assertGoingOn(): void {
    if (this.signal?.aborted !== true) return;
    throw new SchedcpError("interrupted", "the optimisation was interrupted", {
      hint: "Run it again to get a decision.",
    });
  }

  tellCandidate(label: string, improvementPercent: number | null, note: string): void {
    const shown = improvementPercent === null ? "" : ` ${percent(improvementPercent)}`;
    this.progress.tell({
      message: `${label}:${shown} ${note}`,
      candidate: { label, improvementPercent, note },
    });
  }
}
