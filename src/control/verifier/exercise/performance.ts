// The policy against the kernel's default scheduler on the user's workload: pairs of runs, each in a
// fresh guest, until better or worse is established or the budget is used up. Slower is a warning: what
// a user gives up for what is theirs to weigh. Called by exercise.ts.

import type { Pair } from "../../../contract/measurement.ts";
import type { Finding } from "../../../contract/verdict.ts";
import { candidateFinding } from "../../deployment/arm-retry.ts";
import { ArmSeries, needsComparison } from "../../deployment/arm-series.ts";
import { firstArms, makePair } from "../../deployment/pair.ts";
import { seededRandom } from "../../deployment/random.ts";
import { PerformanceTest } from "./performance-test.ts";
import { undecidedFinding } from "./undecided.ts";
import type { WorkloadExercise, WorkloadOutcome } from "./workload-run.ts";

/** Pairs beyond these establish nothing that their number had not by then. */
const pairsMax = 40;

export async function comparePerformance(given: WorkloadExercise): Promise<WorkloadOutcome> {
  const { workload, context, budgetMs, now } = given;
  const { nodes, progress, signal } = context;
  const endMs = now() + budgetMs;
  const seed = Number.parseInt(given.policy.identity.sourceSha256.slice(0, 7), 16);
  const series = new ArmSeries({
    nodes,
    workload,
    progress,
    now,
    ...(signal === undefined ? {} : { signal }),
  });
  const firsts = firstArms(seededRandom(seed));
  const test = new PerformanceTest(workload);
  for (let index = 0; index < pairsMax && test.answer === null; index++) {
    if (!isTimeLeft(endMs - now(), series.meanArmSeconds)) break;
    const pair = await takePair(given, series, index, firsts.next().value);
    if ("fault" in pair) {
      const outcome = outcomeOf([pair.fault]);
      return { outcome, evidence: evidenceOf(test, series) };
    }
    test.add(pair);
    progress({ step: "verify", message: `pair ${index + 1}: ratio ${pair.ratio.toFixed(3)}` });
  }
  return { outcome: outcomeOf(test.findings()), evidence: evidenceOf(test, series) };
}

/** For two more arms, as long as those before took. */
function isTimeLeft(leftMs: number, armSeconds: number | null): boolean {
  return leftMs > 0 && leftMs >= 2000 * (armSeconds ?? 0);
}

async function takePair(
  { policy, workload }: WorkloadExercise,
  series: ArmSeries,
  index: number,
  first: Pair["first"],
): Promise<Pair | { fault: Finding }> {
  const baseline = first === "default" ? await series.runDefault() : null;
  const candidate = await series.runCandidate(policy);
  if ("fault" in candidate) {
    const { fault } = candidate;
    // What the default scheduler fails too is the workload's fault: that throws.
    if (baseline === null && needsComparison(fault)) await series.runDefault();
    if (fault.kind === "lost") return { fault: undecidedFinding("the guest was lost twice") };
    const finding = candidateFinding(fault);
    return { fault: { ...finding, rule: finding.rule.replace(/^measure\//, "exercise/") } };
  }
  const other = baseline ?? (await series.runDefault());
  return makePair({
    index,
    first,
    objective: workload.objective.metric,
    default: other.outcome.sample,
    candidate: candidate.finished.outcome.sample,
  });
}

function outcomeOf(findings: Finding[]): WorkloadOutcome["outcome"] {
  if (findings.some(({ severity }) => severity === "error")) return { status: "reject", findings };
  const undecided = findings.some(({ rule }) => rule === "exercise/undecided");
  return { status: undecided ? "inconclusive" : "pass", findings };
}

function evidenceOf(test: PerformanceTest, series: ArmSeries): WorkloadOutcome["evidence"] {
  const { guestsRetried } = series;
  const medianPercent = test.medianImprovementPercent;
  return {
    performancePairs: test.pairs,
    performance: test.answer ?? "not established",
    ...(medianPercent === null ? {} : { performancePercent: Number(medianPercent.toFixed(1)) }),
    ...(guestsRetried === 0 ? {} : { performanceGuestsRetried: guestsRetried }),
  };
}
