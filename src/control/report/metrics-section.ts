// All metrics of a measurement with their change, and the guardrails.

import type { Measurement, MetricChange } from "../../contract/measurement.ts";
import { dataTable, section } from "./figure.ts";
import { clip, type Html, html } from "./html.ts";
import { intervalDrawing, intervalScale } from "./intervals-figure.ts";
import { percent, percentRange, signedPercent, withUnit } from "./quantity.ts";
import { nameCharsMax, policyName } from "./report-input.ts";
import type { Scale } from "./scale.ts";

/** Side metrics can change by hundreds of percent; the objective must stay legible beside them. */
const reachPercent = 60;

export function metricsSection(measurement: Measurement): Html {
  const changes = [measurement.objective, ...measurement.others];
  const scale = intervalScale(changes, reachPercent);
  const name = clip(policyName(measurement.policy), nameCharsMax);
  return section(
    "All metrics",
    html`<p class="lead">Improvement in percent of the default’s value; positive is better, whichever way the metric points. Only the first line decides; the others are there to be looked at, and with so many of them one may leave 0 by chance.</p>`,
    dataTable(
      "Metrics over the counted pairs: medians and coefficient of variation",
      [
        { title: "Metric" },
        { title: "Default", numeric: true },
        { title: name, numeric: true },
        { title: "Improvement", numeric: true },
        { title: "95 % interval", numeric: true },
        { title: "Against 0" },
      ],
      changes.map((change, index) => metricRow(change, scale, index === 0)),
    ),
    guardrails(measurement),
  );
}

function metricRow(change: MetricChange, scale: Scale, objective: boolean) {
  const [low, high] = change.confidenceInterval;
  const verdict = low > 0 ? "better" : high < 0 ? "worse" : "unclear";
  return [
    html`${clip(change.metric, nameCharsMax)} <small>${change.direction === "minimise" ? "lower is better" : "higher is better"}${objective && ", objective"}</small>`,
    cell(change.default, change.unit),
    cell(change.candidate, change.unit),
    html`<b class="${verdict}">${signedPercent(change.improvementPercent)}</b>`,
    percentRange(change.confidenceInterval),
    html`<div class="mini">${intervalDrawing(change, scale, objective ? "confirmed" : verdict)}</div>`,
  ];
}

function cell(spread: MetricChange["default"], unit: string): Html {
  return html`${withUnit(spread.median, clip(unit, 16))} <small>CV ${percent(spread.cvPercent)}</small>`;
}

function guardrails(measurement: Measurement): Html {
  if (measurement.guardrails.length === 0) {
    return html`<h3>Guardrails</h3><p class="none">The workload sets none.</p>`;
  }
  return html`<h3>Guardrails</h3>${dataTable(
    "What may not get worse, and by how much",
    [
      { title: "Metric" },
      { title: "Worst allowed", numeric: true },
      { title: "Change", numeric: true },
      { title: "95 % interval", numeric: true },
      { title: "Held" },
    ],
    measurement.guardrails.map((guardrail) => [
      clip(guardrail.metric, nameCharsMax),
      signedPercent(-guardrail.worstPercent, 0),
      signedPercent(guardrail.improvementPercent),
      percentRange(guardrail.confidenceInterval),
      guardrail.held ? html`<b class="better">✓ held</b>` : html`<b class="worse">✗ broken</b>`,
    ]),
  )}`;
}
