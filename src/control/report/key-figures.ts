// The row of key figures under the headline.

import type { Measurement } from "../../contract/measurement.ts";
import type { Result } from "../../contract/result.ts";
import { countedPairs } from "./headline.ts";
import { clip, type Html, html } from "./html.ts";
import {
  count,
  duration,
  percent,
  percentRange,
  signedPercent,
  whole,
  withUnit,
} from "./quantity.ts";
import { nameCharsMax } from "./report-input.ts";

interface KeyFigure {
  term: string;
  value: string;
  detail: string;
}

export function keyFigures(figures: readonly KeyFigure[]): Html {
  return html`<dl class="keys">${figures.map(
    ({ term, value, detail }) =>
      html`<div><dt>${term}</dt><dd><b>${value}</b><span>${detail}</span></dd></div>`,
  )}</dl>`;
}

export function measurementFigures(measurement: Measurement): KeyFigure[] {
  const { objective } = measurement;
  const counted = countedPairs(measurement);
  const voids = measurement.pairs.length - counted;
  const spreads = `CV ${percent(objective.default.cvPercent)} and ${percent(objective.candidate.cvPercent)}`;
  return [
    {
      term: "Improvement",
      value: signedPercent(objective.improvementPercent),
      detail: `95 % interval ${percentRange(objective.confidenceInterval)}`,
    },
    {
      term: "Pairs of runs",
      value: whole(counted),
      detail: `${voids === 0 ? "all counted" : `counted, ${voids} more void`}; ${spreads}`,
    },
  ];
}

export function resultFigures(result: Result): KeyFigure[] {
  const rejected = result.candidates.filter(({ verdict }) => verdict.verdict !== "pass").length;
  const measured = result.candidates.filter(({ measurement }) => measurement !== null).length;
  const baseline: KeyFigure[] =
    result.best === null && result.baseline !== null
      ? [
          {
            term: "Kernel’s default",
            value: withUnit(result.baseline.median, result.baseline.unit),
            detail: `median ${clip(result.baseline.metric, nameCharsMax)}`,
          },
        ]
      : [];
  return [
    ...(result.best === null ? baseline : measurementFigures(result.best.measurement)),
    {
      term: "Candidates",
      value: whole(result.candidates.length),
      detail: `${measured} measured, ${rejected} did not pass`,
    },
    {
      term: "It took",
      value: duration(result.cost.seconds * 1000),
      detail: `${count(result.cost.toolCalls, "tool call")}, $${result.cost.usd.toFixed(2)}`,
    },
  ];
}
