// The embedded planner: rules from the profile's kind to seed policies, with knobs set from measured
// CPU times. No language model, no search: what it does not know, the screening finds out. Each rule
// ends with a policy of another idea, in case the profile misleads. Called by optimize.ts.

import type { PolicyMetadata } from "../contract/policy.ts";
import type { EntryProfile, WorkloadProfile } from "../contract/profile.ts";
import type { HistoryEntry } from "../control/control-plane.ts";
import type { Plan, Planner, PlanningInput, Proposal } from "./planner.ts";
import { type Draft, fromLibrary, hintsOf } from "./proposal-draft.ts";

/**
 * A task is taken for a long one once it has used half as much again as a short one ever needs:
 * sooner and short tasks are mistaken for long ones, later and the long one has lost time.
 */
const attainedShare = 1.5;
/** Beyond this a waiting task goes first whatever its length; a fair answer to starvation. */
const ageLimitShareOfMakespan = 1.5;
const ageLimitMinMs = 2000;
/** Under a tick of the usual kernels (4 ms): slices end at ticks, so still shorter gains nothing. */
const shortSliceUs = 2000;

export const heuristicPlanner: Planner = {
  name: "heuristic",
  async propose(input: PlanningInput): Promise<Plan> {
    return {
      proposals: proposeByRules(input),
      cost: { tokensIn: 0, tokensOut: 0, usd: 0 },
    };
  },
};

/** Most promising first, without repetitions; at least two ideas where the library has them. */
export function proposeByRules(input: PlanningInput): Proposal[] {
  const { profile, library, memory } = input;
  const drafts = [...rules[profile.kind](profile), ...remembered(memory, library, profile)];
  const proposals = new Map<string, Proposal>();
  for (const draft of drafts) {
    const proposal = fromLibrary(draft, library);
    if (proposal === null) continue;
    const key = JSON.stringify([proposal.policy.name, proposal.parameters]);
    if (!proposals.has(key)) proposals.set(key, proposal);
  }
  return [...proposals.values()];
}

const rules: Record<WorkloadProfile["kind"], (profile: WorkloadProfile) => Draft[]> = {
  "batch-imbalanced": (profile) => {
    const ageLimit = ageLimitMs(profile);
    const attained = attainedMs(profile);
    return [
      {
        policy: "longest-first",
        hints: hintsOf(profile),
        knobs: { age_limit_ms: ageLimit },
        reason:
          "The longest job decides when all are done: it starts first, by measured CPU times.",
      },
      {
        policy: "longest-first",
        knobs: { attained_ms: attained, age_limit_ms: ageLimit },
        reason: `Without hints: a task that has used ${attained} ms is longer than the short ones and goes first.`,
      },
      {
        policy: "long-slices",
        reason: "CPU-bound jobs gain from fewer switches.",
      },
      { policy: "fifo", reason: "Another idea: no preemption for fairness, in order of arrival." },
      {
        policy: "llc-steal",
        reason: "Another idea: tasks stay near their cache and idle CPUs steal.",
      },
    ];
  },
  "batch-uniform": () => [
    {
      policy: "long-slices",
      reason: "Jobs of like length: what is left to win are the switches between them.",
    },
    { policy: "fifo", reason: "In order of arrival, each as long as its slice lasts." },
    { policy: "llc-steal", reason: "Tasks stay near their cache and idle CPUs steal." },
    {
      policy: "shortest-first",
      reason: "Another idea: whatever varies in length, the short ones get out of the way.",
    },
  ],
  "message-passing": () => [
    {
      policy: "long-slices",
      reason: "Tasks give the CPU up by themselves: preempting them only adds switches.",
    },
    { policy: "fifo", reason: "The cheapest queue there is, and wake-ups keep their order." },
    { policy: "llc-steal", reason: "Partners stay near each other's cache." },
    {
      policy: "interactive-first",
      reason: "Another idea: who waited for a message runs at once.",
    },
  ],
  "request-response": () => [
    {
      policy: "interactive-first",
      reason: "Tasks that sleep and wake run before those that hog a CPU.",
    },
    {
      policy: "interactive-first",
      knobs: { slice_us: shortSliceUs },
      reason: "The same with short slices, so that a waking task waits less.",
    },
    {
      policy: "shortest-first",
      reason: "Short requests do not wait behind long ones.",
    },
    {
      policy: "weighted-vtime",
      knobs: { slice_us: shortSliceUs },
      reason: "Fair shares with short slices bound what anyone waits.",
    },
    { policy: "fifo", reason: "Another idea: requests in order of arrival, without preemption." },
  ],
  mixed: () => [
    { policy: "interactive-first", reason: "Sleepers first suits work that waits for others." },
    { policy: "weighted-vtime", reason: "A plain fair share, simpler than the default's." },
    {
      policy: "long-slices",
      reason: "The contrary: fewer switches for the CPU-bound part.",
    },
    { policy: "llc-steal", reason: "Another idea: locality before balance." },
  ],
};

/** What won before on this workload is tried again: as it stands, since its parameters may differ. */
function remembered(
  memory: readonly HistoryEntry[],
  library: readonly PolicyMetadata[],
  profile: WorkloadProfile,
): Draft[] {
  const winners = memory.filter(
    (entry) => entry.kind === "result" && entry.workload === profile.workload,
  );
  const names = new Set(winners.flatMap((entry) => (entry.policy === null ? [] : [entry.policy])));
  return library
    .filter((policy) => names.has(policy.name))
    .map((policy) => ({
      policy: policy.name,
      reason: "It came out best on this workload before.",
    }));
}

/** CPU time after which a task cannot be one of the short kind any more, ms. */
export function attainedMs(profile: WorkloadProfile): number {
  const foreground = profile.entries.filter((entry) => !entry.background);
  const shortest = foreground.reduce<EntryProfile | null>(
    (least, entry) => (least === null || entry.cpuMs < least.cpuMs ? entry : least),
    null,
  );
  return Math.max(1, Math.round((shortest?.cpuMs ?? 0) * attainedShare));
}

function ageLimitMs(profile: WorkloadProfile): number {
  return Math.max(ageLimitMinMs, Math.round(profile.makespanMs * ageLimitShareOfMakespan));
}
