// A profile in a few plain sentences, for people and language models: at most 150 tokens, counted as
// bytes ÷ 4. Names in it were checked by the workload's schema. Pure. Called by profile.ts.

import type { EntryProfile, WorkloadProfile } from "../../contract/profile.ts";

export const summaryBytesMax = 600;

/** As many entries as fit, those with the most CPU time first. */
export function profileSummary(profile: Omit<WorkloadProfile, "summary">): string {
  const byCpuTime = [...profile.entries].sort((a, b) => b.cpuMs * b.count - a.cpuMs * a.count);
  for (let shown = Math.min(byCpuTime.length, 5); shown > 0; shown--) {
    const text = summary(profile, byCpuTime, shown);
    if (Buffer.byteLength(text) <= summaryBytesMax) return text;
  }
  return summary(profile, byCpuTime, 0);
}

function summary(
  profile: Omit<WorkloadProfile, "summary">,
  entries: readonly EntryProfile[],
  shown: number,
): string {
  const { environment, makespanMs, utilisation, oversubscription } = profile;
  const listed = entries.slice(0, shown).map(entryText);
  const more = entries.length - shown;
  if (more > 0) listed.push(`${more} more`);
  const cpus = `${environment.cpus} ${environment.emulated ? "emulated " : ""}CPU${environment.cpus === 1 ? "" : "s"}`;
  return [
    `${profile.workload}: ${listed.join("; ")}.`,
    `Takes ${seconds(makespanMs)} on ${cpus}, busy ${percent(utilisation)} of the time,`,
    `with ${oversubscription.toFixed(1)} tasks wanting each CPU`,
    `and ${Math.round(profile.contextSwitchesPerSecond)} context switches/s.`,
    kindText(profile),
  ].join(" ");
}

function entryText(entry: EntryProfile): string {
  const role = entry.background ? " in the background" : "";
  return `${entry.count} × ${entry.name}${role} (${seconds(entry.cpuMs)} CPU in ${seconds(entry.lifetimeMs)})`;
}

function kindText({ kind, imbalance }: Omit<WorkloadProfile, "summary">): string {
  switch (kind) {
    case "batch-imbalanced":
      return `CPU-bound jobs of unequal length (×${imbalance.toFixed(0)}): the order decides when the last ends.`;
    case "batch-uniform":
      return "CPU-bound jobs of like length: little to win by order, something by fewer switches.";
    case "request-response":
      return "Tasks wake, work briefly and sleep: what counts is how soon they run.";
    case "message-passing":
      return "Tasks hand work to each other all the time: cheap switches and locality count.";
    case "mixed":
      return "No single pattern stands out.";
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
