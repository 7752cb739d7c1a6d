// `optimize`: profile → propose → verify → screen with successive halving → confirm the winner on
// fresh pairs → decide by rule → Result. Uses the control plane through its typed tools only, and
// supplies no number that counts. Called by the command line and, later, by the MCP server.

import { SchedcpError } from "../contract/errors.ts";
import type { Measurement } from "../contract/measurement.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Result } from "../contract/result.ts";
import { isInterruption } from "../control/deployment/interruption.ts";
import { observe, propose, type Selection, verifyAll } from "./candidates.ts";
import { confirm } from "./confirmation.ts";
import { type Contender, scoreOf, toCandidate } from "./contender.ts";
import { Course, type CourseInput } from "./course.ts";
import { type Decision, decide, inconclusive, keepDefault, percent } from "./decision.ts";
import type { Planner } from "./planner.ts";
import { screenAll } from "./screening.ts";
import { type LabelledTrace, traceBoth } from "./trace-both.ts";

export interface OptimizeInput extends CourseInput {
  id: string;
  planner: Planner;
  /** Writes the report; the control plane's report module, handed in. */
  report?: {
    path: string;
    write(input: { result: Result; traces: LabelledTrace[] }, path: string): Promise<unknown>;
  };
}

/** What is known so far: an interruption at any moment leaves a Result of this. */
interface Findings {
  profile: WorkloadProfile | null;
  selection: Selection | null;
  contenders: Contender[];
  confirmed: { winner: Contender; measurement: Measurement } | null;
}

/**
 * Interrupted (or its node lost), it answers `inconclusive` with what was measured so far. Throws
 * what is wrong with the workload or the machine (`workload-failed`, `missing-setup`, …).
 */
export async function optimize(input: OptimizeInput): Promise<Result> {
  const course = new Course(input);
  const found: Findings = { profile: null, selection: null, contenders: [], confirmed: null };
  const decision = await decideOrStop(course, input, found);
  const traces = await traceWinner(course, found);
  return await conclude(course, input, found, { decision, traces });
}

async function decideOrStop(
  course: Course,
  input: OptimizeInput,
  found: Findings,
): Promise<Decision> {
  try {
    return await search(course, input, found);
  } catch (thrown) {
    if (isInterruption(thrown, course.signal)) {
      return inconclusive("Interrupted before the decision; what was measured is kept.");
    }
    if (!(thrown instanceof SchedcpError)) throw thrown;
    // Before the profile there is nothing to keep, and the error says more.
    if (thrown.code !== "node-lost" || found.profile === null) throw thrown;
    return inconclusive(`${thrown.message}; what was measured before is kept. ${thrown.hint}`);
  }
}

async function search(course: Course, input: OptimizeInput, found: Findings): Promise<Decision> {
  found.profile = await observe(course);
  found.selection = await propose(course, input.planner, found.profile);
  const { proposals } = found.selection;
  if (proposals.length === 0) {
    return keepDefault("The planner has no policy to propose for this workload.");
  }
  await verifyAll(course, proposals, found.contenders);
  const passed = found.contenders.filter(({ verdict }) => verdict.verdict === "pass");
  if (passed.length === 0) return noneVerified(found.contenders);
  const winner = await screenAll(course, passed);
  if (winner === null) return keepDefault("Every candidate failed while it was screened.");
  const score = scoreOf(winner);
  if (score !== null && score <= 0) {
    return keepDefault(
      `No candidate beat the default in screening; the best, ${winner.label}, came to ${percent(score)}.`,
    );
  }
  const measurement = await confirm(course, winner);
  if (measurement === null) {
    return keepDefault(`${winner.label} won the screening, then failed: ${failureOf(winner)}.`);
  }
  found.confirmed = { winner, measurement };
  return decide(measurement, winner.label, passed.length);
}

function noneVerified(contenders: readonly Contender[]): Decision {
  const uncertain = contenders.some(({ verdict }) => verdict.verdict === "inconclusive");
  return uncertain
    ? inconclusive("No candidate passed the verifier, and for some it could not tell.")
    : keepDefault("The verifier rejected every candidate.");
}

function failureOf(contender: Contender): string {
  return contender.failure?.message ?? "no reason is known";
}

async function traceWinner(course: Course, found: Findings): Promise<LabelledTrace[]> {
  if (found.confirmed === null || course.signal?.aborted === true) return [];
  course.progress.enter("trace", "one traced run of each, for the report");
  return await traceBoth({
    control: course.control,
    workload: course.workload,
    proposal: found.confirmed.winner.proposal,
    options: (part) => course.options(part),
    onFailure: (message) => course.progress.tell({ message: `no trace: ${message}` }),
  });
}

async function conclude(
  course: Course,
  input: OptimizeInput,
  found: Findings,
  end: { decision: Decision; traces: LabelledTrace[] },
): Promise<Result> {
  const { decision, traces } = end;
  course.progress.enter("report", `${decision.decision}: ${decision.reason}`);
  const result = resultOf(course, input, found, decision);
  // Saved first: a report that cannot be written must not cost the result.
  await course.control.saveResult(result);
  const report = await writeReport(course, input, { result, traces });
  course.progress.advance(1);
  course.progress.tell({ message: decision.decision });
  return { ...result, report };
}

/** The report's path; null where it could not be written, which costs the report alone. */
async function writeReport(
  course: Course,
  { report }: OptimizeInput,
  content: { result: Result; traces: LabelledTrace[] },
): Promise<string | null> {
  if (report === undefined) return null;
  try {
    await report.write(content, report.path);
    return report.path;
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError)) throw thrown;
    course.progress.tell({ message: `no report: ${thrown.message}. ${thrown.hint}` });
    return null;
  }
}

function resultOf(
  course: Course,
  input: OptimizeInput,
  found: Findings,
  { decision, reason }: Decision,
): Result {
  const { confirmed, contenders, selection } = found;
  const objective = confirmed?.measurement.objective ?? null;
  return {
    id: input.id,
    workload: course.workload.name,
    planner: input.planner.name,
    startedAt: new Date(course.startedMs).toISOString(),
    profile: found.profile,
    baseline: baselineOf(confirmed?.measurement ?? bestScreened(contenders)),
    best: confirmed === null ? null : bestOf(confirmed),
    improvementPercent: objective?.improvementPercent ?? null,
    confidenceInterval: objective?.confidenceInterval ?? null,
    decision,
    reason: `${reason}${budgetNote(course, selection)}`,
    candidates: contenders.map(toCandidate),
    cost: {
      ...(selection?.cost ?? { tokensIn: 0, tokensOut: 0, usd: 0 }),
      // Saving this very Result is one more.
      toolCalls: course.toolCalls() + 1,
      seconds: course.elapsedSeconds,
    },
    report: input.report?.path ?? null,
  };
}

function bestOf(confirmed: NonNullable<Findings["confirmed"]>): NonNullable<Result["best"]> {
  const { winner, measurement } = confirmed;
  return { policy: measurement.policy ?? winner.verdict.policy, measurement };
}

function baselineOf(shown: Measurement | null): Result["baseline"] {
  if (shown === null) return null;
  const { metric, unit, default: byDefault } = shown.objective;
  return { metric, unit, median: byDefault.median };
}

function bestScreened(contenders: readonly Contender[]): Measurement | null {
  const measured = contenders
    .flatMap(({ measurement }) => (measurement === null ? [] : [measurement]))
    .sort((a, b) => b.objective.improvementPercent - a.objective.improvementPercent);
  return measured[0] ?? null;
}

function budgetNote(course: Course, selection: Selection | null): string {
  if (selection === null) return "";
  const { tight, notTried } = selection;
  if (tight) return ` The budget of ${course.budgetSeconds} s was too small for any screening.`;
  if (notTried === 0) return "";
  return ` ${notTried} further proposal${notTried === 1 ? " was" : "s were"} not tried for lack of time (--budget).`;
}
