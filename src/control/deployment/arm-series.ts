// The arms of one operation, run one after the other: what they share (node source, workload, clock)
// and what is learnt on the way (guests lost, time an arm takes, how long the default scheduler
// needs). Called by measure.ts, screen.ts, trace.ts and analysis/profile.ts.

import type { NodeSource, Progress } from "../../contract/node.ts";
import type { Workload } from "../../contract/workload.ts";
import type { ArmRequest } from "./arm.ts";
import {
  type Arm,
  defaultArmError,
  type Fault,
  type FinishedArm,
  isFinished,
  runArm,
} from "./arm-retry.ts";
import type { DeployablePolicy } from "./deployable-policy.ts";
import { mean } from "./statistics.ts";

/** A candidate may take so many times the default scheduler's longest run, and at least so long. */
export const candidateSlownessMax = 4;
export const candidateTimeMinMs = 10_000;

export interface ArmSeriesInput {
  nodes: NodeSource;
  workload: Workload;
  now: () => number;
  progress?: Progress;
  signal?: AbortSignal;
}

export type CandidateArm = { finished: FinishedArm } | { fault: Fault };

export class ArmSeries {
  readonly #input: ArmSeriesInput;
  readonly #seconds: number[] = [];
  #guestsRetried = 0;
  #defaultRunMsMax: number | null = null;

  constructor(input: ArmSeriesInput) {
    this.#input = input;
  }

  get guestsRetried(): number {
    return this.#guestsRetried;
  }

  /** Null before the first arm. */
  get meanArmSeconds(): number | null {
    return this.#seconds.length === 0 ? null : mean(this.#seconds);
  }

  /** Throws what went wrong as an error: nothing can be compared without the default scheduler. */
  async runDefault(options: { trace?: boolean } = {}): Promise<FinishedArm> {
    const arm = await this.#run({ policy: null, timeLimitMs: this.#timeLimitMs(), ...options });
    if (!isFinished(arm)) throw defaultArmError(faultIn(arm));
    const { makespanMs } = arm.outcome.report;
    this.#defaultRunMsMax = Math.max(this.#defaultRunMsMax ?? 0, makespanMs);
    return arm;
  }

  async runCandidate(
    policy: DeployablePolicy,
    options: { trace?: boolean } = {},
  ): Promise<CandidateArm> {
    const arm = await this.#run({ policy, timeLimitMs: this.#candidateTimeLimitMs(), ...options });
    return isFinished(arm) ? { finished: arm } : { fault: faultIn(arm) };
  }

  async #run(arm: Pick<ArmRequest, "policy" | "timeLimitMs" | "trace">): Promise<Arm> {
    const ran = await runArm({ ...this.#input, ...arm });
    this.#guestsRetried += ran.guestsRetried;
    this.#seconds.push(ran.seconds);
    return ran;
  }

  #timeLimitMs(): number {
    return this.#input.workload.measure.timeLimitSeconds * 1000;
  }

  #candidateTimeLimitMs(): number {
    if (this.#defaultRunMsMax === null) return this.#timeLimitMs();
    const patienceMs = Math.max(candidateTimeMinMs, candidateSlownessMax * this.#defaultRunMsMax);
    return Math.min(this.#timeLimitMs(), patienceMs);
  }
}

function faultIn(arm: Arm): Fault {
  if (arm.outcome.kind === "finished") throw new Error("a finished arm has no fault");
  return arm.outcome;
}

/** A fault that only counts as the candidate's once the default scheduler has done better. */
export function needsComparison(fault: Fault): boolean {
  return fault.kind === "timed-out" || fault.kind === "task-failed";
}
