// Branches of dispatch() after which, on one side, no more can be given to the CPU though nothing was tried
// before: in the op's own program and in the functions that it calls. Called by rules.

import type { Activation, BranchFact, CallFact, Facts } from "./facts.ts";
import { blocksWith, reaching } from "./paths.ts";

export interface Gate {
  readonly branch: BranchFact;
  /** Which outcome of the condition leads away from all calls that give something. */
  readonly without: boolean;
}

type Wanted = (call: CallFact) => boolean;

export function gatesOf(facts: Facts, op: string, wanted: Wanted): Gate[] {
  const activation = facts.activations.get(op);
  return activation === undefined ? [] : inside(facts, activation, wanted, false);
}

/** `later`: whether the caller can still make a wanted call after the function has returned. */
function inside(facts: Facts, activation: Activation, wanted: Wanted, later: boolean): Gate[] {
  const { program } = activation;
  const { blocks } = program.flow;
  const giving = blocksWith(facts, activation, wanted);
  const able = reaching(program, giving);
  const untried = reachedWithout(activation, giving);
  const found: Gate[] = [];
  for (const [index, { successors, end }] of blocks.entries()) {
    const [taken, falls] = successors;
    if (later || taken === undefined || falls === undefined) continue;
    if (!untried.has(index) || giving.has(index) || able.has(taken) === able.has(falls)) continue;
    const branch = facts.branchAt(activation, end - 1);
    if (branch?.taken && branch.falls) found.push({ branch, without: able.has(falls) });
  }
  for (const inner of facts.activations.values()) {
    if (inner.caller !== activation) continue;
    const block = program.flow.blockOf[inner.callSite] ?? -1;
    if (!giving.has(block) || !untried.has(block)) continue;
    const after = blocks[block]?.successors ?? [];
    const isLater = later || inner.rounds > 1n || after.some((each) => able.has(each));
    found.push(...inside(facts, inner, wanted, isLater));
  }
  return found;
}

/** Blocks that can be reached from the entry before any wanted call, those that make the first one included. */
function reachedWithout({ program }: Activation, giving: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    if (!giving.has(at)) waiting.push(...(program.flow.blocks[at]?.successors ?? []));
  }
  return found;
}
