// The two medians as two bars from zero: what the headline says, seen at a glance.

import type { Measurement } from "../../contract/measurement.ts";
import { clip, type Html, html } from "./html.ts";
import { withUnit } from "./quantity.ts";
import { nameCharsMax, policyName } from "./report-input.ts";
import { share } from "./scale.ts";

export function mediansFigure(measurement: Measurement): Html {
  const { objective } = measurement;
  const name = clip(policyName(measurement.policy), nameCharsMax);
  const longest = Math.max(objective.default.max, objective.candidate.max, 0);
  const width = (value: number) => (longest > 0 ? Math.max(0, (value / longest) * 100) : 0);
  const better = objective.direction === "minimise" ? "shorter is better" : "longer is better";
  const bars = [
    { arm: "default", label: "kernel’s default", spread: objective.default },
    { arm: "candidate", label: name, spread: objective.candidate },
  ];
  return html`<figure class="medians"><div class="bars" role="img" aria-label="${`Median ${clip(objective.metric, nameCharsMax)}: ${withUnit(objective.default.median, objective.unit)} under the default scheduler, ${withUnit(objective.candidate.median, objective.unit)} under ${name}`}">${bars.map(
    ({ arm, label, spread }) =>
      html`<div class="barrow"><span class="barlabel">${label}</span><span class="bartrack"><svg height="26"><rect class="bar ${arm}" x="0" y="0" width="${share(width(spread.median))}" height="26" rx="2"/><line class="whisker" x1="${share(width(spread.min))}" x2="${share(width(spread.max))}" y1="13" y2="13"><title>${`${label}: from ${withUnit(spread.min, objective.unit)} to ${withUnit(spread.max, objective.unit)}`}</title></line></svg></span><b class="barvalue ${arm}">${withUnit(spread.median, objective.unit)}</b></div>`,
  )}</div><figcaption>Median ${clip(objective.metric, nameCharsMax)}, ${better}; the thin line spans the fastest to the slowest counted run.</figcaption></figure>`;
}
