// The verdict in one plain sentence, said from the numbers and the decision, never beyond them.

import type { Measurement, MetricChange } from "../../contract/measurement.ts";
import type { Result } from "../../contract/result.ts";
import { clip, type Html, html } from "./html.ts";
import { percent, percentRange } from "./quantity.ts";
import { nameCharsMax, policyName } from "./report-input.ts";

export interface Headline {
  /** Which of the three the decision is; also a class of the style sheet. */
  tone: "promote" | "keep-default" | "inconclusive";
  chip: string;
  sentence: Html;
  /** What stands under it; null where there is nothing to add. */
  interval: Html | null;
}

/** "finishes W 17 % sooner than the kernel's default scheduler" */
function comparison(change: MetricChange, workload: string): Html {
  const better = change.improvementPercent >= 0;
  const by = html`<em>${percent(Math.abs(change.improvementPercent))}</em>`;
  const name = html`<span class="name">${clip(workload, nameCharsMax)}</span>`;
  if (change.metric === "makespan") {
    return html`finishes ${name} ${by} ${better ? "sooner" : "later"} than the kernel’s default scheduler`;
  }
  const up = (change.direction === "maximise") === better;
  return html`${up ? "raises" : "lowers"} the ${clip(change.metric, nameCharsMax)} of ${name} by ${by} against the kernel’s default scheduler`;
}

function intervalSentence(change: MetricChange, countedPairs: number): Html {
  return html`95 % interval ${percentRange(change.confidenceInterval)}, from ${countedPairs} counted ${countedPairs === 1 ? "pair" : "pairs"} of runs.`;
}

export function countedPairs(measurement: Measurement): number {
  return measurement.pairs.filter((pair) => pair.void === undefined).length;
}

export function resultHeadline(result: Result): Headline {
  const workload = html`<span class="name">${clip(result.workload, nameCharsMax)}</span>`;
  const best = result.best;
  if (result.decision === "promote" && best !== null) {
    return {
      tone: "promote",
      chip: "Better than the default",
      sentence: html`<span class="name">${clip(best.policy.name, nameCharsMax)}</span> ${comparison(best.measurement.objective, result.workload)}.`,
      interval: intervalSentence(best.measurement.objective, countedPairs(best.measurement)),
    };
  }
  const closest =
    best === null
      ? null
      : html`Closest came ${clip(best.policy.name, nameCharsMax)}: ${intervalSentence(best.measurement.objective, countedPairs(best.measurement))}`;
  if (result.decision === "keep-default") {
    return {
      tone: "keep-default",
      chip: "The default stays",
      sentence: html`The kernel’s default scheduler stays for ${workload}.`,
      interval: closest,
    };
  }
  return {
    tone: "inconclusive",
    chip: "Inconclusive",
    sentence: html`No scheduler proved better for ${workload} beyond doubt, so the kernel’s default stays.`,
    interval: closest,
  };
}

export function measurementHeadline(measurement: Measurement): Headline {
  const { objective } = measurement;
  const [low, high] = objective.confidenceInterval;
  const interval = intervalSentence(objective, countedPairs(measurement));
  const workload = html`<span class="name">${clip(measurement.workload, nameCharsMax)}</span>`;
  if (measurement.policy === null) {
    return {
      tone: "keep-default",
      chip: "Noise floor",
      sentence: html`Against itself, the kernel’s default scheduler differs by ${percent(Math.abs(objective.improvementPercent))} on ${workload}.`,
      interval,
    };
  }
  const name = html`<span class="name">${clip(policyName(measurement.policy), nameCharsMax)}</span>`;
  const broken = measurement.guardrails.some((guardrail) => !guardrail.held);
  if (low > 0 || high < 0) {
    const better = low > 0 && !broken;
    return {
      tone: better ? "promote" : "keep-default",
      chip:
        low > 0
          ? broken
            ? "A guardrail is broken"
            : "Better than the default"
          : "Worse than the default",
      sentence: html`${name} ${comparison(objective, measurement.workload)}${broken && low > 0 && ", but breaks a guardrail"}.`,
      interval,
    };
  }
  return {
    tone: "inconclusive",
    chip: "Inconclusive",
    sentence: html`No difference beyond doubt between ${name} and the kernel’s default scheduler on ${workload}.`,
    interval,
  };
}
