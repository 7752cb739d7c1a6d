// The report of an optimisation, of a measurement: pure, from stored values to one HTML page.
// Called by the command line and the MCP server through write-report.ts.

import type { Measurement } from "../../contract/measurement.ts";
import type { Result } from "../../contract/result.ts";
import { candidatesSection } from "./candidates-section.ts";
import { measurementCommands, resultCommands } from "./commands.ts";
import { section } from "./figure.ts";
import { measurementHeadline, resultHeadline } from "./headline.ts";
import { type Html, html, type Part, toMarkup } from "./html.ts";
import { keyFigures, measurementFigures, resultFigures } from "./key-figures.ts";
import { mediansFigure } from "./medians-figure.ts";
import { commandsSection, costSection, methodSection } from "./method-section.ts";
import { metricsSection } from "./metrics-section.ts";
import { page } from "./page.ts";
import { pairsFigure } from "./pairs-figure.ts";
import type { LabelledTrace, ReportInput } from "./report-input.ts";
import { timelineFigure, timelineFinding } from "./timeline-figure.ts";
import { waitsFigure } from "./waits-figure.ts";
import { workloadSection } from "./workload-section.ts";

export function renderReport({ result, traces }: ReportInput): string {
  const shown = measurementShown(result);
  const environment = shown?.measurement.environment ?? result.profile?.environment ?? null;
  return toMarkup(
    page({
      workload: result.workload,
      startedAt: result.startedAt,
      id: result.id,
      headline: resultHeadline(result),
      reason: result.reason,
      environment,
      opening: html`${result.best !== null && mediansFigure(result.best.measurement)}${keyFigures(resultFigures(result))}`,
      sections: [
        workloadSection(result.workload, result.profile),
        shown !== null && pairsSection(shown.measurement, shown.confirmed),
        candidatesSection(result),
        traceSections(traces),
        shown !== null && metricsSection(shown.measurement),
        shown !== null && methodSection(shown.measurement),
        commandsSection(resultCommands(result)),
        costSection(result.cost),
      ],
    }),
  );
}

export function renderMeasurement(
  measurement: Measurement,
  traces: readonly LabelledTrace[],
): string {
  return toMarkup(
    page({
      workload: measurement.workload,
      startedAt: measurement.startedAt,
      id: measurement.id,
      headline: measurementHeadline(measurement),
      reason: measurement.complete
        ? ""
        : "The measurement was cut short; what was finished is shown.",
      environment: measurement.environment,
      opening: html`${mediansFigure(measurement)}${keyFigures(measurementFigures(measurement))}`,
      sections: [
        pairsSection(measurement, true),
        traceSections(traces),
        metricsSection(measurement),
        methodSection(measurement),
        commandsSection(measurementCommands(measurement)),
      ],
    }),
  );
}

/** The winner's confirmed measurement, or else the best one of screening, which is said so. */
function measurementShown(result: Result): { measurement: Measurement; confirmed: boolean } | null {
  if (result.best !== null) return { measurement: result.best.measurement, confirmed: true };
  const screened = result.candidates.flatMap(({ measurement }) =>
    measurement === null ? [] : [measurement],
  );
  const [best] = screened.sort(
    (a, b) => b.objective.improvementPercent - a.objective.improvementPercent,
  );
  return best === undefined ? null : { measurement: best, confirmed: false };
}

function pairsSection(measurement: Measurement, confirmed: boolean): Html {
  return section(
    "Run by run",
    !confirmed &&
      html`<p class="lead">No candidate was confirmed on fresh runs. These are the screening runs of the one that did best, and the sections on metrics and method speak of them too.</p>`,
    pairsFigure(measurement),
  );
}

function traceSections(traces: readonly LabelledTrace[]): Part {
  if (traces.length === 0) {
    return section(
      "Who ran where",
      html`<p class="none">No run was traced, so there is no timeline, and waits for a CPU are known by their mean only.</p>`,
    );
  }
  return [
    section("Who ran where", timelineFinding(traces), timelineFigure(traces)),
    section("Waiting for a CPU", waitsFigure(traces)),
  ];
}
