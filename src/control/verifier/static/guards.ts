// Which branches decide whether an instruction runs, in its own function and in those that called it.
// Called by rules.

import type { BranchFact, Facts, Site } from "./facts.ts";
import { closure } from "./implied-origins.ts";

/** Directly: the innermost conditions. */
export function innerGuards(facts: Facts, site: Site): BranchFact[] {
  return guards(facts, site, (controllers, block) => new Set(controllers[block] ?? []));
}

/** All of them, to the op's beginning. */
export function guardsOf(facts: Facts, site: Site): BranchFact[] {
  const found = guards(facts, site, (controllers, block) =>
    closure(controllers, controllers[block] ?? []),
  );
  const { caller, callSite } = site.activation;
  if (caller === null) return found;
  return [...found, ...guardsOf(facts, { activation: caller, instruction: callSite })];
}

function guards(
  facts: Facts,
  { activation, instruction }: Site,
  pick: (controllers: readonly (readonly number[])[], block: number) => ReadonlySet<number>,
): BranchFact[] {
  const { flow } = activation.program;
  const block = flow.blockOf[instruction] ?? -1;
  if (block < 0) return [];
  const found: BranchFact[] = [];
  for (const controller of pick(flow.controllers, block)) {
    const last = (flow.blocks[controller]?.end ?? 0) - 1;
    const branch = facts.branchAt(activation, last);
    // One that goes one way only decides nothing.
    if (branch?.taken && branch.falls) found.push(branch);
  }
  return found;
}

/** The innermost, or else those of the nearest caller that has any. */
export function nearestGuards(facts: Facts, site: Site): BranchFact[] {
  const found = innerGuards(facts, site);
  const { caller, callSite } = site.activation;
  if (found.length > 0 || caller === null) return found;
  return nearestGuards(facts, { activation: caller, instruction: callSite });
}
