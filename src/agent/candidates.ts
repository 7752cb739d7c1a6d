// The first half of an optimisation: what the workload does, what the planner proposes for it, and
// which of that the verifier lets pass. Called by optimize.ts.

import type { PolicyMetadata } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Verdict } from "../contract/verdict.ts";
import { type Budget, verifySecondsDefault } from "./budget.ts";
import type { Contender } from "./contender.ts";
import type { Course } from "./course.ts";
import { bySimulation } from "./foresight.ts";
import {
  type Planner,
  type PlanningCost,
  type Proposal,
  proposalLabel,
  proposalsMax,
} from "./planner.ts";

const memoryEntriesMax = 20;

export async function observe(course: Course): Promise<WorkloadProfile> {
  const { workload, now } = course;
  course.progress.enter("profile", `${workload.name}: what does it do?`);
  // Making an image or a snapshot is not what an arm costs: timed from the phase's first event.
  let armStartedMs: number | null = null;
  const calledMs = now();
  const profile = await course.control.profile(workload, {
    ...course.options(),
    progress: (event) => {
      if (event.step === "profile") armStartedMs ??= now();
      course.progress.relay(event, { start: 0, share: 1 });
    },
  });
  course.armSeconds = (now() - (armStartedMs ?? calledMs)) / 1000;
  course.progress.tell({ message: profile.summary });
  return profile;
}

/** What the budget has time for, out of what the planner proposed. */
export interface Selection {
  proposals: Proposal[];
  /** Proposals that were left out for lack of time. */
  notTried: number;
  /** Not even one candidate fits the budget; one is tried all the same. */
  tight: boolean;
  cost: PlanningCost;
}

export async function propose(
  course: Course,
  planner: Planner,
  profile: WorkloadProfile,
): Promise<Selection> {
  const { workload, signal } = course;
  const library = await readLibrary(course);
  const memory = await course.control.history({ workload: workload.name, limit: memoryEntriesMax });
  const { proposals: proposed, cost } = await planner.propose(
    { profile, workload, library, memory },
    signal === undefined ? {} : { signal },
  );
  const proposals = await bySimulation(course, proposed.slice(0, proposalsMax), profile);
  const candidates = proposals.length;
  if (candidates === 0) return { proposals: [], notTried: 0, tight: false, cost };
  const budget = course.plan(candidates, verifySecondsDefault);
  sayBudget(course, budget, proposed.length);
  return {
    proposals: proposals.slice(0, budget.candidates),
    notTried: proposed.length - budget.candidates,
    tight: !budget.fits,
    cost,
  };
}

async function readLibrary(course: Course): Promise<PolicyMetadata[]> {
  const library: PolicyMetadata[] = [];
  for (const { name } of await course.control.searchPolicies("")) {
    library.push((await course.control.showPolicy(name)).metadata);
  }
  return library;
}

function sayBudget(course: Course, budget: Budget, proposed: number): void {
  const { budgetSeconds } = course;
  const length = Math.round(budget.seconds + course.elapsedSeconds);
  course.progress.tell({
    message: budget.fits
      ? `${budget.candidates} of ${proposed} candidates fit the budget of ${budgetSeconds} s`
      : `the budget of ${budgetSeconds} s is too small: one candidate alone takes about ${length} s, and it gets that`,
  });
}

/** Into `contenders`, each as it is verified, so that an interruption keeps the earlier ones. */
export async function verifyAll(
  course: Course,
  proposals: readonly Proposal[],
  contenders: Contender[],
): Promise<void> {
  course.progress.enter("verify", `${proposals.length} candidates go to the verifier`);
  for (const [index, proposal] of proposals.entries()) {
    course.assertGoingOn();
    const label = proposalLabel(proposal);
    const part = { start: index / proposals.length, share: 1 / proposals.length };
    const { policy, parameters } = proposal;
    // Without the workload: it is measured on that by the screening and, beyond doubt, at the end. So a
    // verdict is good for the next workload too, and known then.
    const verdict = await course.control.verify({ policy, parameters }, course.options(part));
    contenders.push({
      proposal,
      label,
      verdict,
      measurement: null,
      eliminatedInRound: null,
      failure: null,
    });
    course.progress.advance(part.start + part.share);
    course.tellCandidate(label, null, verdictNote(verdict));
  }
}

function verdictNote(verdict: Verdict): string {
  const finding = verdict.findings.find(({ severity }) => severity === "error");
  if (verdict.verdict === "pass") return "verified";
  return finding === undefined ? verdict.verdict : `${verdict.verdict}: ${finding.message}`;
}
