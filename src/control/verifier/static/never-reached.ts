// Code that is never run because of what the policy itself sets when it starts: `if (!settings->rate) return;` where
// init() sets the rate to 0 and nobody changes it. Called by latches.ts.

import { holds } from "../../../simulator/machine/interpreted-arithmetic.ts";
import { cellOf } from "./cell.ts";
import { type BranchFact, comparedOrigins, isLoaded, type Site } from "./facts.ts";
import { guardsOf } from "./guards.ts";
import { initialValue } from "./initial-value.ts";
import { reaching } from "./paths.ts";
import type { Evidence } from "./rule.ts";

export function isNeverReached(evidence: Evidence, site: Site): boolean {
  return guardsOf(evidence.facts, site).some((guard) => {
    const outcome = alwaysSo(evidence, guard);
    return (
      outcome !== null && leadsThere(guard, site, !outcome) && !leadsThere(guard, site, outcome)
    );
  });
}

/** The outcome of a comparison with a place that only init() sets, to constants; null: it is not certain. */
function alwaysSo({ data, object, facts }: Evidence, guard: BranchFact): boolean | null {
  const { left, right, condition, wide } = guard;
  const [source, other] = comparedOrigins(guard).keys();
  if (source === undefined || other !== undefined || !source.startsWith("cell:")) return null;
  if (right.lo !== right.hi || !isLoaded(guard, left)) return null;
  const cell = cellOf(source.slice(5));
  // The map of hints is filled by whoever runs the workload.
  if (/^(heap |map hints$)/.test(cell.base)) return null;
  if (facts.escaped.has(cell.base) || facts.escaped.has("*")) return null;
  const stores = data.storesTo(cell);
  if (stores.some(({ activation, value }) => activation.op !== "init" || value.set === null))
    return null;
  const values = [initialValue(object, cell), ...stores.flatMap(({ value }) => value.set ?? [])];
  const outcomes = new Set(values.map((value) => holds(condition, wide, value, right.lo)));
  return outcomes.size === 1 ? outcomes.has(true) : null;
}

/** Whether one side of a branch of its function, or of one that calls it, leads to the place. */
function leadsThere({ activation, instruction }: BranchFact, site: Site, side: boolean): boolean {
  let { activation: at, instruction: target } = site;
  while (at !== activation) {
    if (at.caller === null) return true;
    target = at.callSite;
    at = at.caller;
  }
  const { flow } = activation.program;
  const [taken, falls] = flow.blocks[flow.blockOf[instruction] ?? -1]?.successors ?? [];
  const block = side ? taken : falls;
  if (block === undefined) return true;
  return reaching(activation.program, new Set([flow.blockOf[target] ?? -1])).has(block);
}
