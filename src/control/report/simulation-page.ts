// A page about a simulated policy: the verdict, the chart of one run, its figures against the default
// scheduler's model, and the findings. Pure. Called by simulation/write-gantt.ts.

import type {
  SimulatedRun,
  SimulatedScenario,
  SimulationReport,
} from "../../contract/simulation.ts";
import type { Finding } from "../../contract/verdict.ts";
import type { Recording } from "../../simulator/report/recorder.ts";
import { dataTable, prose, section } from "./figure.ts";
import { type Gantt, ganttDrawing, ganttStyle } from "./gantt.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { htmlDocument } from "./page.ts";
import { count, duration, number, percent, whole } from "./quantity.ts";
import { nameCharsMax, parametersBrief } from "./report-input.ts";

const findingsMax = 50;

export function ganttOf(
  report: SimulationReport,
  recordings: readonly Recording[],
  recorded: SimulatedScenario | null,
): Gantt {
  const cpus = recordings[0]?.cpus ?? 0;
  const parameters = parametersBrief(report.policy);
  return {
    title: `${report.policy.name} on ${recorded?.name ?? "a scenario"}`,
    subtitle: [
      "simulated",
      count(cpus, "CPU"),
      `seed ${report.seed}`,
      `kernel ${report.kernel}`,
      ...(parameters === "" ? [] : [parameters]),
    ].join(" · "),
    recordings,
  };
}

export function simulationPage(
  report: SimulationReport,
  chart: Gantt,
  recorded: SimulatedScenario | null,
): Html {
  const { verdict, policy, findings } = report;
  const name = clip(policy.name, nameCharsMax);
  return htmlDocument(
    html`${name}: ${verdict} · SchedCP simulation`,
    html`<style>${ganttStyle}
main{max-width:1244px}
.gantt{width:100%;height:auto;min-width:860px}
.chart{overflow-x:auto;margin:0 0 1rem}</style><main>
<header><p class="eyebrow"><b>SchedCP simulation</b><span>${name}</span><span>${subjectOf(report)}</span><span>seed ${report.seed}</span></p><p class="chip ${verdict}">${verdict}</p><h1>${sentence(report)}</h1><p class="emulated" role="note"><b>Simulated.</b> The policy’s own code ran, but against a model of the kernel (${clip(report.kernel, 80)}), not a kernel: caches, frequencies and interrupts are priced, not run.${fidelityNote(report)}</p></header>
${section(
  html`Who ran where, and who waited${recorded !== null && html`: ${clip(recorded.name, nameCharsMax)}`}`,
  html`<p class="lead">${name} above, the model of the kernel’s default scheduler below, on the same axis of time. The striped lane follows the task that waited longest under the policy; the area under it counts tasks that want a CPU and have none.</p><div class="chart" tabindex="0" role="region" aria-label="Chart">${ganttDrawing(chart, false)}</div>`,
)}
${recorded !== null && section("This run in numbers", runTable(policy.name, recorded.policy, recorded.default))}
${section(
  findings.length === 0 ? "Findings" : html`${count(findings.length, "finding")}`,
  findings.length === 0
    ? html`<p class="none">Nothing was found wrong in ${count(report.scenarios.length, "scenario")}. That is no proof: the lab runs it on a real kernel.</p>`
    : html`<ul class="rejected">${findings.slice(0, findingsMax).map(findingItem)}</ul>`,
)}
${section("Scenarios", scenarioTable(report))}
<footer><p>Made by schedcp. This file loads nothing and runs no script.</p></footer>
</main>`,
  );
}

function subjectOf({ subject, name }: SimulationReport): string {
  return subject === "suite" ? "adversarial suite" : clip(name ?? subject, nameCharsMax);
}

function sentence(report: SimulationReport): Html {
  const name = html`<span class="name">${clip(report.policy.name, nameCharsMax)}</span>`;
  const on = report.subject === "suite" ? "the adversarial suite" : subjectOf(report);
  const worst = report.findings.find((finding) => finding.severity === "error");
  if (report.verdict === "pass") return html`${name} comes through ${on} without a fault.`;
  if (worst !== undefined) return html`${name}: ${firstSentence(worst.message)}`;
  const { unsupported } = report;
  if (unsupported.length > 0) {
    return html`${name} needs what is not simulated: ${clip(unsupported.map((each) => each.name).join(", "), 160)}.`;
  }
  return html`Nothing can be said for sure of ${name} on ${on}.`;
}

/** A headline's worth of a message; the whole stands among the findings. */
function firstSentence(message: string): string {
  const [sentence = message] = message.split(/(?<=[^.\d])\.\s|\n/, 1);
  return clip(sentence.replace(/\.$/, ""), 150);
}

function fidelityNote({ fidelity }: SimulationReport): Part {
  if (fidelity === null) return " How far it is off has not been measured for this version.";
  return html` Against the real kernel, the makespan’s ratio to the default scheduler’s was off by at most ${percent(fidelity.worstMakespanRatioErrorPercent)} over ${count(fidelity.policies, "policy", "policies")} (${clip(fidelity.date, 20)}).`;
}

/** Rows of figure, unit and both values; null where the run has none. */
export function runRows(run: SimulatedRun): [string, string][] {
  const { waitMs } = run;
  const wait = (ms: number | null | undefined) => (typeof ms === "number" ? duration(ms) : "–");
  return [
    [
      "makespan",
      run.finished ? duration(run.makespanMs) : `not done in ${duration(run.makespanMs)}`,
    ],
    ["wait, median", wait(waitMs?.p50)],
    ["wait, p95", wait(waitMs?.p95)],
    ["wait, p99", wait(waitMs?.p99)],
    ["wait, longest", wait(waitMs?.max)],
    ["fairness (Jain)", run.fairness === null ? "–" : number(run.fairness)],
    ["utilisation", percent(run.utilisationPercent)],
    ["switches", whole(run.switches)],
    ["migrations", whole(run.migrations)],
  ];
}

function runTable(policy: string, run: SimulatedRun, base: SimulatedRun | null): Html {
  const other = base === null ? null : runRows(base);
  return dataTable(
    "Virtual times of this run",
    [
      { title: "" },
      { title: clip(policy, nameCharsMax), numeric: true },
      ...(other === null ? [] : [{ title: "default (EEVDF model)", numeric: true }]),
    ],
    runRows(run).map(([name, value], row) => [
      name,
      value,
      ...(other === null ? [] : [other[row]?.[1] ?? "–"]),
    ]),
  );
}

function findingItem(finding: Finding): Html {
  const { location } = finding;
  return html`<li><b>${clip(finding.rule, nameCharsMax)}</b><span class="chip ${finding.severity === "error" ? "reject" : "inconclusive"}">${finding.severity}</span>${
    location !== undefined &&
    html`<small>${clip(location.file, nameCharsMax)}:${location.line}</small>`
  }<p>${prose(finding.message)}</p><p>→ ${prose(finding.hint)}</p></li>`;
}

function scenarioTable(report: SimulationReport): Html {
  return dataTable(
    "Every scenario that was simulated",
    [
      { title: "Scenario" },
      { title: "Found" },
      { title: "Tasks", numeric: true },
      { title: "CPUs", numeric: true },
      { title: "Virtual time", numeric: true },
      { title: "Longest wait", numeric: true },
      { title: "Utilisation", numeric: true },
    ],
    report.scenarios.map((scenario) => [
      clip(scenario.name, nameCharsMax),
      scenario.findings.length === 0
        ? "–"
        : clip(
            scenario.findings.map(({ rule, severity }) => `${rule} (${severity})`).join(", "),
            160,
          ),
      whole(scenario.tasks),
      whole(scenario.cpus),
      duration(scenario.simulatedMs),
      scenario.policy.waitMs === null ? "–" : duration(scenario.policy.waitMs.max),
      percent(scenario.policy.utilisationPercent),
    ]),
  );
}
