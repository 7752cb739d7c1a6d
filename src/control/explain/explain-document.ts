// An explanation of a document of ours: a verdict, a measurement, a result, a simulation's report. Another
// version, or anybody, may have written it: it is parsed first. Pure.

import type { Explanation } from "../../contract/explanation.ts";
import { type Measurement, measurementSchema } from "../../contract/measurement.ts";
import { type Result, resultSchema } from "../../contract/result.ts";
import { simulationReportSchema } from "../../contract/simulation.ts";
import { type Finding, verdictSchema } from "../../contract/verdict.ts";
import { escapedTail } from "../analysis/escaped-text.ts";
import { percentRange, signedPercent } from "../report/quantity.ts";
import { explainFinding } from "./explain-finding.ts";

const othersShown = 5;
const quoteCharsMax = 300;

/** Null where it is none of them. `history ID --json` wraps a document in `{kind, document}`. */
export function explainDocument(given: unknown): Explanation | null {
  const document = unwrapped(given);
  const verdict = verdictSchema.safeParse(document);
  if (verdict.success) return explainJudged(verdict.data);
  const simulation = simulationReportSchema.safeParse(document);
  if (simulation.success) return explainJudged(simulation.data);
  const measurement = measurementSchema.safeParse(document);
  if (measurement.success) return explainMeasurement(measurement.data);
  const result = resultSchema.safeParse(document);
  if (!result.success) return null;
  return explainResult(result.data);
}

function unwrapped(given: unknown): unknown {
  const wraps = typeof given === "object" && given !== null && "document" in given;
  return wraps ? given.document : given;
}

function explainJudged(judged: {
  verdict: "pass" | "reject" | "inconclusive";
  policy: { name: string };
  findings: readonly Finding[];
}): Explanation {
  const { findings } = judged;
  const name = escapedTail(judged.policy.name, 64);
  const decisive = findings.find(({ severity }) => severity === "error") ?? findings[0];
  if (decisive === undefined) {
    const said =
      judged.verdict === "pass"
        ? `Nothing wrong was found with ${name}.`
        : `${name} could not be judged to the end, and nothing was found against it so far.`;
    const again = ["Run `schedcp verify` again: the stages say how far it came."];
    return {
      kind: "verdict",
      cause: `verdict/${judged.verdict}`,
      blame: "unknown",
      summary: said,
      evidence: [],
      remedy: judged.verdict === "pass" ? [] : again,
    };
  }
  const explanation = explainFinding("verdict", decisive);
  const others = findings.filter((finding) => finding !== decisive);
  return {
    ...explanation,
    summary: `${name}: ${judged.verdict}. ${explanation.summary}`,
    evidence: [
      ...explanation.evidence,
      ...others
        .slice(0, othersShown)
        .map(({ rule, message }) => `also ${rule}: ${escapedTail(message, quoteCharsMax)}`),
      ...(others.length > othersShown ? [`and ${others.length - othersShown} more`] : []),
    ],
  };
}

function explainMeasurement(measurement: Measurement): Explanation {
  const { objective, others, guardrails, environment, voidPairs, pairs } = measurement;
  const policy =
    measurement.policy === null ? "the default again" : escapedTail(measurement.policy.name, 64);
  const [low, high] = objective.confidenceInterval;
  const way = low > 0 ? "better" : high < 0 ? "worse" : "no-difference";
  const change = `${escapedTail(objective.metric, 64)} ${signedPercent(objective.improvementPercent)} (95 % interval ${percentRange(objective.confidenceInterval)}; positive is better)`;
  const broken = guardrails.filter(({ held }) => !held);
  const telling = others.filter(({ confidenceInterval: [a, b] }) => a > 0 || b < 0);
  const words = {
    better: `${policy} is better than the kernel's default scheduler here: ${change}.`,
    worse: `${policy} is worse than the kernel's default scheduler here: ${change}.`,
    "no-difference": `No difference was seen between ${policy} and the kernel's default scheduler: ${change}. The interval includes 0.`,
  };
  return {
    kind: "measurement",
    cause: `measurement/${broken.length > 0 ? "guardrail-violated" : way}`,
    blame: way === "no-difference" ? "unknown" : "scheduler",
    summary: words[way],
    evidence: [
      `${pairs.length - voidPairs} counted pairs on kernel ${escapedTail(environment.kernel, 64)}, ${environment.cpus} CPUs${environment.emulated ? ", emulated: no caches are modelled" : ""}${voidPairs > 0 ? `; ${voidPairs} did not count` : ""}`,
      ...broken.map(
        ({ metric, improvementPercent, worstPercent }) =>
          `guardrail ${escapedTail(metric, 64)} violated: ${signedPercent(improvementPercent)}, allowed ${signedPercent(-Math.abs(worstPercent))}`,
      ),
      ...telling
        .slice(0, othersShown)
        .map(
          ({ metric, improvementPercent }) =>
            `${escapedTail(metric, 64)} ${signedPercent(improvementPercent)}`,
        ),
    ],
    remedy: {
      better: ["`schedcp optimize WORKLOAD` confirms it on fresh runs before it is promoted."],
      worse: [
        "Keep the default for this workload, or try another policy: `schedcp optimize WORKLOAD`.",
      ],
      "no-difference": [
        "Measure more pairs (`schedcp measure … --pairs 24`) where a small change matters; else keep the default.",
      ],
    }[way],
  };
}

function explainResult(result: Result): Explanation {
  const gain = result.improvementPercent;
  return {
    kind: "result",
    cause: `result/${result.decision}`,
    blame: "unknown",
    summary: escapedTail(result.reason, 600),
    evidence: [
      `${result.candidates.length} candidates were tried${gain === null ? "" : `; the best one's change is ${signedPercent(gain)}`}`,
      ...result.candidates.slice(0, othersShown).map(({ policy, verdict, failure }) => {
        const why = failure?.message ?? verdict.findings[0]?.message ?? "";
        return `${escapedTail(policy.name, 64)}: ${verdict.verdict}${why === "" ? "" : `, ${escapedTail(why, quoteCharsMax)}`}`;
      }),
    ],
    remedy: ["`schedcp history ID` shows every candidate with its verdict and measurement."],
  };
}
