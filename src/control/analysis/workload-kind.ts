// What kind of workload a profile shows: the rules, and the thresholds with their reasons. Pure.
// Called by profile.ts; the planner reads the kind, not these rules.

import type { EntryProfile, WorkloadProfile } from "../../contract/profile.ts";

/**
 * Switches per second and CPU above which tasks mainly hand work to one another. Preemption alone
 * cannot reach it: with the kernel's tick of 250 Hz it gives at most 250.
 */
const messageSwitchesPerSecond = 1000;
/** And most of these switches are voluntary: the tasks wait for each other. */
const messageVoluntaryShare = 0.5;
/** CPUs busy for more than this share: the work is bound by them, so their order matters. */
const batchUtilisation = 0.6;
/**
 * So it is where more tasks want a CPU at the start than there are, though the CPUs idle later: that
 * is what the tail of one long job looks like.
 */
const batchOversubscription = 1;
/** Foreground tasks that mostly sleep and wake often, on CPUs that are not full, answer requests. */
const requestVoluntaryShare = 0.7;
const requestSwitchesPerSecond = 20;
/** One job thrice as long as another leaves a tail that its place in the order decides. */
const imbalanceMin = 3;

export interface KindEvidence {
  entries: readonly EntryProfile[];
  utilisation: number;
  imbalance: number;
  contextSwitchesPerSecond: number;
  oversubscription: number;
  cpus: number;
}

/**
 * In this order: a server kept up in the background makes it `request-response`; very many voluntary
 * switches `message-passing`; contended CPUs a batch, `batch-imbalanced` or `batch-uniform` by the
 * imbalance; foreground tasks that sleep and wake often `request-response`; anything else `mixed`.
 */
export function kindOf(evidence: KindEvidence): WorkloadProfile["kind"] {
  const foreground = evidence.entries.filter((entry) => !entry.background);
  const voluntaryShare = switchWeighted(foreground, (entry) => entry.voluntaryShare);
  const switchesPerTask = switchWeighted(foreground, (entry) => entry.switchesPerSecond);
  if (evidence.entries.some((entry) => entry.background)) return "request-response";
  if (
    evidence.contextSwitchesPerSecond / evidence.cpus >= messageSwitchesPerSecond &&
    voluntaryShare >= messageVoluntaryShare
  ) {
    return "message-passing";
  }
  const crowded =
    evidence.oversubscription > batchOversubscription && voluntaryShare < requestVoluntaryShare;
  if (evidence.utilisation >= batchUtilisation || crowded) {
    return evidence.imbalance >= imbalanceMin ? "batch-imbalanced" : "batch-uniform";
  }
  const wakesOften = switchesPerTask >= requestSwitchesPerSecond;
  if (voluntaryShare >= requestVoluntaryShare && wakesOften) return "request-response";
  return "mixed";
}

/** Mean over the entries, weighed by how much each switches: an idle entry says little. */
function switchWeighted(
  entries: readonly EntryProfile[],
  figure: (entry: EntryProfile) => number,
): number {
  let weights = 0;
  let total = 0;
  for (const entry of entries) {
    const weight = entry.count * entry.switchesPerSecond * entry.lifetimeMs;
    weights += weight;
    total += weight * figure(entry);
  }
  return weights === 0 ? 0 : total / weights;
}
