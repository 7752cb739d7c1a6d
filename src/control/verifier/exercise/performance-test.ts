// What pairs of runs establish of a policy against the default scheduler, looked at after every pair.
// Pure. Called by performance.ts.

import type { Pair } from "../../../contract/measurement.ts";
import type { Finding } from "../../../contract/verdict.ts";
import type { Workload } from "../../../contract/workload.ts";
import { metricDefinitions } from "../../analysis/metrics.ts";
import { metricOf } from "../../deployment/pair.ts";
import { improvementPercent, median } from "../../deployment/statistics.ts";
import { SequentialSignTest } from "./sequential-test.ts";

/**
 * A policy under which the workload's objective is more than this many times worse is no scheduler for
 * it, whatever it gains elsewhere: what took an hour takes two. The same change in percent: −100 where
 * less is better, −50 where more is.
 */
export const catastrophicRatio = 2;

export type PerformanceAnswer = "better" | "worse" | "much worse" | "guardrail broken";

/** One question: the metric's change, in percent, positive is better, against a bound. */
interface Question {
  answer: PerformanceAnswer;
  /** Whether this pair speaks for it. Null: it has not got the metric. */
  holds: (pair: Pair) => boolean | null;
  test: SequentialSignTest;
  finding: Finding | null;
}

/**
 * Each question is a sign test at level alpha of its own: that the pair's ratio is beyond the bound more
 * often than not, that is: the median is. Which arm goes first is drawn at random, so without an effect
 * a pair is as likely up as down. Seven pairs of seven answer one.
 */
export class PerformanceTest {
  readonly #workload: Workload;
  readonly #questions: Question[];
  readonly #changes: number[] = [];

  constructor(workload: Workload) {
    this.#workload = workload;
    const { metric } = workload.objective;
    const change = (pair: Pair) => this.#changePercent(pair, metric);
    const minimised = workload.objective.direction === "minimise";
    const catastrophicPercent =
      (minimised ? 1 - catastrophicRatio : 1 / catastrophicRatio - 1) * 100;
    const question = (
      answer: PerformanceAnswer,
      holds: (changePercent: number) => boolean,
      finding: Finding | null,
      of = change,
    ): Question => ({
      answer,
      holds: (pair) => {
        const percent = of(pair);
        return percent === null ? null : holds(percent);
      },
      test: new SequentialSignTest(),
      finding,
    });
    this.#questions = [
      question("much worse", (percent) => percent < catastrophicPercent, muchWorse(workload)),
      ...workload.guardrails.map((guardrail) =>
        question(
          "guardrail broken",
          (percent) => percent < -guardrail.worstPercent,
          guardrailBroken(workload, guardrail),
          (pair) => this.#changePercent(pair, guardrail.metric),
        ),
      ),
      question("better", (percent) => percent > 0, null),
      question("worse", (percent) => percent < 0, slower(workload)),
    ];
  }

  get pairs(): number {
    return this.#changes.length;
  }

  /** Of the objective, positive is better; null without pairs. */
  get medianImprovementPercent(): number | null {
    return this.#changes.length === 0 ? null : median(this.#changes);
  }

  /** The most that is established. */
  get answer(): PerformanceAnswer | null {
    const question = this.#questions.find(({ test }) => test.established());
    if (question === undefined) return null;
    // Worse, and perhaps much worse or beyond a guardrail: that is waited for while it may still come.
    return question.answer === "worse" && this.#mayBeMuchWorse() ? null : question.answer;
  }

  /** Void pairs do not count. */
  add(pair: Pair): void {
    if (pair.void !== undefined) return;
    const change = this.#changePercent(pair, this.#workload.objective.metric);
    if (change !== null) this.#changes.push(change);
    for (const { holds, test } of this.#questions) {
      const yes = holds(pair);
      if (yes !== null) test.add(yes);
    }
  }

  findings(): Finding[] {
    const established = this.#questions.filter(({ test }) => test.established());
    const told = established.flatMap(({ finding }) => (finding === null ? [] : [finding]));
    // The gravest says the others too.
    return told.slice(0, 1);
  }

  #mayBeMuchWorse(): boolean {
    return this.#questions
      .filter(({ answer }) => answer === "much worse" || answer === "guardrail broken")
      .some(({ test }) => test.evidence > 1);
  }

  #changePercent(pair: Pair, metric: string): number | null {
    const definition = metricDefinitions(this.#workload).find(({ name }) => name === metric);
    const has =
      pair.default.metrics[metric] !== undefined && pair.candidate.metrics[metric] !== undefined;
    if (definition === undefined || !has) return null;
    const [before, after] = [metricOf(pair.default, metric), metricOf(pair.candidate, metric)];
    // Of what is 0 there is no part: any of what is bad is all of it.
    const ratio = before > 0 ? after / before : after > 0 ? Number.POSITIVE_INFINITY : 1;
    return improvementPercent(ratio, definition.direction);
  }
}

function slower(workload: Workload): Finding {
  return {
    rule: "exercise/slower",
    severity: "warning",
    message: `${workload.name} is slower under it than under the kernel's default scheduler (${workload.objective.metric})`,
    hint: "Keep the default for this workload, or measure other parameters (`schedcp optimize`).",
  };
}

function muchWorse(workload: Workload): Finding {
  return {
    rule: "exercise/much-slower",
    severity: "error",
    message: `under it, ${workload.objective.metric} of ${workload.name} is more than ${catastrophicRatio} times worse than under the kernel's default scheduler`,
    hint: "Look for CPUs that idle while tasks wait: kick an idle CPU when a task is queued, and let every CPU take from every queue.",
  };
}

function guardrailBroken(workload: Workload, guardrail: Workload["guardrails"][number]): Finding {
  return {
    rule: "exercise/guardrail",
    severity: "warning",
    message: `under it, ${guardrail.metric} of ${workload.name} is worse by more than the ${guardrail.worstPercent} % that its guardrail allows`,
    hint: "Choose another policy or other parameters: a deployment that breaks a guardrail is not promoted.",
  };
}
