// What a planner is: from what is known of a workload to candidates, most promising first. Its
// answer is a proposal only: whatever it names is verified and measured by the control plane.
// Implemented by heuristic-planner.ts (and, later, by language models). Called by optimize.ts.

import { hintPrefix, type Parameters, type PolicyMetadata } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Workload } from "../contract/workload.ts";
import type { HistoryEntry, PolicyInput } from "../control/control-plane.ts";

/** More are never tried in one go; a planner's further proposals are dropped, and that is said. */
export const proposalsMax = 12;

export interface PlanningInput {
  profile: WorkloadProfile;
  workload: Workload;
  /** The policies of the repository. */
  library: readonly PolicyMetadata[];
  /** What was measured of this workload before, newest first. */
  memory: readonly HistoryEntry[];
}

export interface Proposal {
  policy: PolicyInput;
  parameters: Parameters;
  /** A sentence for the owner of the workload. */
  reason: string;
}

export interface PlanningCost {
  tokensIn: number;
  tokensOut: number;
  usd: number;
}

export interface Plan {
  proposals: Proposal[];
  cost: PlanningCost;
}

export interface Planner {
  readonly name: string;
  propose(input: PlanningInput, options?: { signal?: AbortSignal }): Promise<Plan>;
}

/** `longest-first attained_ms=450`: how a candidate is shown; hints are many and left out. */
export function proposalLabel(proposal: Pick<Proposal, "policy" | "parameters">): string {
  const entries = Object.entries(proposal.parameters);
  const knobs = entries.filter(([key]) => !key.startsWith(hintPrefix));
  const hinted = knobs.length < entries.length ? ["with hints"] : [];
  return [
    proposal.policy.name,
    ...knobs.map(([key, value]) => `${key}=${String(value)}`),
    ...hinted,
  ].join(" ");
}
