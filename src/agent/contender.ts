// A candidate on its way through an optimisation: proposed, verified, screened, perhaps confirmed.
// The state that optimize.ts keeps of each, and how it enters the Result.

import type { Measurement } from "../contract/measurement.ts";
import type { Candidate } from "../contract/result.ts";
import type { Finding, Verdict } from "../contract/verdict.ts";
import type { Proposal } from "./planner.ts";

export interface Contender {
  proposal: Proposal;
  label: string;
  verdict: Verdict;
  /** All rounds of its screening together. */
  measurement: Measurement | null;
  eliminatedInRound: number | null;
  failure: Finding | null;
}

/** Its estimate in percent, to rank by; null where it failed or was never measured. */
export function scoreOf(contender: Contender): number | null {
  if (contender.failure !== null || contender.measurement === null) return null;
  return contender.measurement.objective.improvementPercent;
}

export function toCandidate(contender: Contender): Candidate {
  const { proposal, verdict, measurement, eliminatedInRound, failure } = contender;
  return {
    policy: verdict.policy,
    reason: proposal.reason,
    verdict,
    measurement,
    eliminatedInRound,
    ...(failure === null ? {} : { failure }),
  };
}
