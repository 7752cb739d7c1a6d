// Builds proposals out of a library whose contents a planner may not assume: a policy that is not
// there gives none, a knob that is not there neither (beside hints it is left out), a value beyond
// its range is moved to the end of it. Pure. Called by heuristic-planner.ts.

import { limits } from "../contract/limits.ts";
import type { Knob, Parameters, ParameterValue, PolicyMetadata } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Proposal } from "./planner.ts";

export interface Draft {
  policy: string;
  knobs?: Record<string, number | boolean>;
  /** CPU time per entry, for policies that take hints; the draft is dropped for others. */
  hints?: Parameters;
  reason: string;
}

/** Null where the library has no such policy, or it lacks what the draft's reason speaks of. */
export function fromLibrary(draft: Draft, library: readonly PolicyMetadata[]): Proposal | null {
  const metadata = library.find((policy) => policy.name === draft.policy);
  if (metadata === undefined) return null;
  if (draft.hints !== undefined && !metadata.hints) return null;
  const knobs = knobsWithin(draft.knobs ?? {}, metadata.knobs);
  const knobsAsked = Object.keys(draft.knobs ?? {}).length;
  // Without its knobs the draft would be the policy as it stands, under a wrong reason.
  if (draft.hints === undefined && Object.keys(knobs).length < knobsAsked) return null;
  return {
    policy: { kind: "library", name: metadata.name },
    parameters: { ...knobs, ...(draft.hints ?? {}) },
    reason: draft.reason,
  };
}

function knobsWithin(wanted: Record<string, number | boolean>, knobs: readonly Knob[]): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const knob = knobs.find((each) => each.name === name);
    if (knob === undefined) continue;
    if (typeof value === "boolean" && knob.type === "boolean") values[name] = value;
    if (typeof value === "number" && knob.type === "integer") {
      const low = Math.max(knob.min ?? Number.MIN_SAFE_INTEGER, Math.round(value));
      values[name] = Math.min(knob.max ?? Number.MAX_SAFE_INTEGER, low);
    }
  }
  return values;
}

/** `hint.<entry>` → measured CPU time of one of its tasks, ms; the longest where there are too many. */
export function hintsOf(profile: WorkloadProfile): Parameters {
  const entries = [...profile.entries]
    .filter((entry) => !entry.background)
    .sort((a, b) => b.cpuMs - a.cpuMs)
    .slice(0, limits.hintsMax);
  return Object.fromEntries(
    entries.map((entry) => [`hint.${entry.name}`, Math.max(1, Math.round(entry.cpuMs))]),
  );
}
