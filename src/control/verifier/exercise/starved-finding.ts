// What is said of tasks that did not get their turn. Pure. Called by the trials in which all must.

import type { Finding } from "../../../contract/verdict.ts";
import type { Observation } from "./trial.ts";

/** `names` are entries of a trial's own workload. `sinceMs`: they had nothing from then on, since the release. */
export function starvedFinding(
  names: readonly string[],
  observations: readonly Observation[],
  sinceMs: number | null = null,
): Finding {
  const last = observations.at(-1);
  const end = ((last?.atMs ?? 0) / 1000).toFixed(1);
  const used = (last?.entries ?? [])
    .map(({ entry, cpuMs }) => `${entry} ${Math.round(cpuMs)} ms`)
    .join(", ");
  const had =
    sinceMs === null
      ? `in ${end} s these runnable tasks had less than a tenth of their share`
      : `from ${(sinceMs / 1000).toFixed(1)} s to ${end} s these runnable tasks had no CPU time`;
  return {
    rule: "exercise/starved",
    severity: "error",
    message: `${had}: ${names.join(", ")} (CPU time of the whole run: ${used})`,
    hint: "Every runnable task must be reached in bounded time: order by virtual time, or let waiting raise a task's rank (ageing). Strict priority, newest-first order, rules by name or pid, and endless slices starve.",
  };
}
