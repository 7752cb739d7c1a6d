// A policy's parameters as its object takes them: knobs, which are global variables, and hints, which are
// entries of a map. Pure. Called by the verifier and the simulation.

import { hintPrefix, type Parameters, type ParameterValue } from "../../contract/policy.ts";

export interface SplitParameters {
  knobs: Record<string, ParameterValue>;
  /** Entry of the workload → expected CPU time, ms. */
  hints: Record<string, number>;
}

export function splitParameters(parameters: Parameters): SplitParameters {
  const entries = Object.entries(parameters);
  const isHint = ([key]: [string, unknown]) => key.startsWith(hintPrefix);
  const hints = entries
    .filter(isHint)
    .map(([key, value]) => [key.slice(hintPrefix.length), Number(value)] as const);
  return {
    knobs: Object.fromEntries(entries.filter((entry) => !isHint(entry))),
    hints: Object.fromEntries(hints),
  };
}
