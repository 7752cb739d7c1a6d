// All that has a say in which task runs, where and for how long, looked through the policy's memory and through
// what branches ask. Made once for an analysis; called by rules.

import { isInsert, isMove, isMoveToLocal } from "./dsq-calls.ts";
import { type BranchFact, comparedOrigins, type Site } from "./facts.ts";
import { guardsOf } from "./guards.ts";
import { isQuiet } from "./latches.ts";
import type { Direction, Origins } from "./origins.ts";
import { drains, given, insertions, moves } from "./queues.ts";
import type { Evidence } from "./rule.ts";
import { slices } from "./slices.ts";
import type { Value } from "./value.ts";

const known = new WeakMap<Evidence, ReadonlySet<string>>();

export function decidingSources(evidence: Evidence): ReadonlySet<string> {
  const found = known.get(evidence) ?? find(evidence);
  known.set(evidence, found);
  return found;
}

/** Whether tasks are put or taken under this condition. */
export function decidesTasks({ facts, calls }: Evidence, branch: BranchFact): boolean {
  return calls.some(
    (call) =>
      (isInsert(call.name) || isMove(call.name) || isMoveToLocal(call.name)) &&
      guardsOf(facts, call).includes(branch),
  );
}

function find(evidence: Evidence): ReadonlySet<string> {
  const { facts, control } = evidence;
  const all = new Map<string, Direction>();
  const add = (origins: Origins): void => {
    for (const [source, way] of origins) all.set(source, way);
  };
  const at = (site: Site, values: readonly Value[]): void => {
    for (const value of values) add(value.origins);
    for (const guard of guardsOf(facts, site)) add(comparedOrigins(guard));
  };
  for (const inserting of insertions(evidence))
    if (!isQuiet(inserting.call.activation.op)) at(inserting.call, given(inserting));
  for (const { call, dsq } of drains(evidence)) at(call, [dsq]);
  for (const { call, to } of moves(evidence)) at(call, [to]);
  for (const { slice, site } of slices(evidence)) at(site, [slice]);
  return new Set(control.resolve(all).keys());
}
