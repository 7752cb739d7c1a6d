// What was tried: the forest plot of all measured candidates and the confirmed winner, then those
// that the verifier did not pass, each with what it found.

import type { Candidate, Result } from "../../contract/result.ts";
import type { Finding } from "../../contract/verdict.ts";
import { code, dataTable, prose, section } from "./figure.ts";
import { clip, type Html, html } from "./html.ts";
import { type IntervalRow, intervalsFigure } from "./intervals-figure.ts";
import { count, percentRange, signedPercent } from "./quantity.ts";
import { nameCharsMax, parameterList, parametersBrief } from "./report-input.ts";

const findingsMax = 5;

export function candidatesSection(result: Result): Html {
  const measured = result.candidates
    .filter((candidate) => candidate.measurement !== null)
    .sort((a, b) => improvementOf(b) - improvementOf(a));
  const others = result.candidates.filter(
    ({ measurement, failure }) => measurement === null || failure !== undefined,
  );
  const confirmed: IntervalRow[] =
    result.best === null
      ? []
      : [
          {
            label: result.best.policy.name,
            detail: detailOf("confirmed on fresh runs", parametersBrief(result.best.policy)),
            improvementPercent: result.best.measurement.objective.improvementPercent,
            confidenceInterval: result.best.measurement.objective.confidenceInterval,
            kind: "confirmed",
          },
        ];
  const rows = [...confirmed, ...measured.flatMap(screeningRow)];
  return section(
    "What was tried",
    lead(result),
    rows.length === 0
      ? html`<p class="none">No candidate was measured.</p>`
      : intervalsFigure(rows, intervalsCaption(result), candidatesTable(result.candidates)),
    others.length > 0 &&
      html`<h3>Rejected, failed or not measured</h3><ul class="rejected">${others.map(notMeasured)}</ul>`,
  );
}

function lead(result: Result): Html {
  const planner = code(result.planner, nameCharsMax);
  if (result.candidates.length === 0) {
    return html`<p class="lead">Planner ${planner} proposed no candidate.</p>`;
  }
  return html`<p class="lead">Planner ${planner} proposed ${count(result.candidates.length, "candidate")}. Each goes through the verifier on a real kernel first; those that pass are screened side by side with the default, and the weaker ones leave round by round.${
    result.best !== null &&
    " The winner was measured again on fresh runs that played no part in choosing it."
  }</p>`;
}

function improvementOf(candidate: Candidate): number {
  return candidate.measurement?.objective.improvementPercent ?? Number.NEGATIVE_INFINITY;
}

function detailOf(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function screeningRow(candidate: Candidate): IntervalRow[] {
  if (candidate.measurement === null) return [];
  const left =
    candidate.eliminatedInRound === null
      ? "stayed to the end"
      : `left in round ${candidate.eliminatedInRound}`;
  return [
    {
      label: candidate.policy.name,
      detail: detailOf(`screening, ${left}`, parametersBrief(candidate.policy)),
      improvementPercent: candidate.measurement.objective.improvementPercent,
      confidenceInterval: candidate.measurement.objective.confidenceInterval,
      kind: "screened",
    },
  ];
}

function intervalsCaption(result: Result): Html {
  const metric = clip(
    result.baseline?.metric ?? result.best?.measurement.objective.metric ?? "the objective",
    nameCharsMax,
  );
  return html`Improvement of ${metric} against the default, with 95 % intervals; right of 0 is better.${
    result.best !== null &&
    " The first line is the one that counts: screening has few runs each, and the best of many looks better than it is."
  }`;
}

function candidatesTable(candidates: readonly Candidate[]): Html {
  return dataTable(
    "All candidates",
    [
      { title: "Policy" },
      { title: "Parameters" },
      { title: "Proposed because" },
      { title: "Verdict" },
      { title: "Screening", numeric: true },
      { title: "95 % interval", numeric: true },
      { title: "Left in round", numeric: true },
    ],
    candidates.map(({ policy, reason, verdict, measurement, eliminatedInRound }) => [
      clip(policy.name, nameCharsMax),
      code(parameterList(policy).join(" ") || "as they are", 1000),
      prose(reason),
      verdict.verdict,
      measurement === null ? "–" : signedPercent(measurement.objective.improvementPercent),
      measurement === null ? "–" : percentRange(measurement.objective.confidenceInterval),
      eliminatedInRound ?? "–",
    ]),
  );
}

function notMeasured(candidate: Candidate): Html {
  const { verdict, stages } = candidate.verdict;
  const { failure } = candidate;
  const findings = [...(failure === undefined ? [] : [failure]), ...candidate.verdict.findings];
  const stage = stages.find(({ status }) => status === "reject" || status === "inconclusive");
  const brief = parametersBrief(candidate.policy);
  return html`<li><p><b>${clip(candidate.policy.name, nameCharsMax)}</b>${brief !== "" && html` ${code(brief)}`} <span class="chip ${failure === undefined ? verdict : "reject"}">${
    verdict === "pass"
      ? failure === undefined
        ? "passed, not measured"
        : "failed when it ran"
      : `${verdict === "reject" ? "rejected" : "inconclusive"}${stage === undefined ? "" : ` at ${stage.stage}`}`
  }</span></p>${
    verdict === "pass" &&
    failure === undefined &&
    html`<p>It passed the verifier, but the search ended before it was measured.</p>`
  }${findings.slice(0, findingsMax).map(findingParagraph)}${
    findings.length > findingsMax &&
    html`<p>… and ${count(findings.length - findingsMax, "more finding")}.</p>`
  }</li>`;
}

function findingParagraph(finding: Finding): Html {
  const where = finding.location;
  return html`<p>${code(finding.rule, nameCharsMax)} ${prose(finding.message)}${
    where !== undefined && html` (${clip(where.file, nameCharsMax)}:${where.line})`
  }${finding.hint !== "" && html`<small>To mend it: ${prose(finding.hint)}</small>`}</p>`;
}
