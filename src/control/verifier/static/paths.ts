// Ways through an op's own program: the branch after which something can no longer happen, on the way to an
// end or anywhere. Called by rules.

import type { Activation, BranchFact, CallFact, ExitFact, Facts } from "./facts.ts";
import type { Program } from "./program.ts";
import { pathKey } from "./state.ts";

type Wanted = (call: CallFact) => boolean;

/** Blocks of the op's own program in which such a call is made, be it in a function that they call. */
export function blocksWith(facts: Facts, activation: Activation, wanted: Wanted): Set<number> {
  const found = new Set<number>();
  for (const call of facts.calls.values()) {
    if (!wanted(call)) continue;
    let { activation: at, instruction } = call;
    while (at.caller !== null && at !== activation) {
      instruction = at.callSite;
      at = at.caller;
    }
    if (at === activation) found.add(activation.program.flow.blockOf[instruction] ?? -1);
  }
  return found;
}

/** Blocks from which one of the targets can be reached. */
export function reaching({ flow }: Program, targets: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  const waiting = [...targets];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...(flow.blocks[at]?.predecessors ?? []));
  }
  return found;
}

/** The blocks on the way by which an exit was first found, from the entry on. */
function wayTo(facts: Facts, exit: ExitFact): number[] {
  const { activation, instruction, path } = exit;
  const blocks: number[] = [];
  let block = activation.program.flow.blockOf[instruction] ?? -1;
  let key = pathKey(path);
  // The block's own calls may have changed the path.
  if (!facts.cameFrom.has(`${activation.key}:${block}:${key}`)) {
    blocks.unshift(block);
    const other = [...facts.cameFrom.keys()].find((each) =>
      each.startsWith(`${activation.key}:${block}:`),
    );
    key = Number(other?.slice(other.lastIndexOf(":") + 1) ?? 0);
    blocks.pop();
  }
  const seen = new Set<string>();
  while (block >= 0) {
    const at = `${activation.key}:${block}:${key}`;
    if (seen.has(at)) break;
    seen.add(at);
    blocks.unshift(block);
    const [from = "-1", fromKey = "0"] = (facts.cameFrom.get(at) ?? "-1:0").split(":");
    block = Number(from);
    key = Number(fromKey);
  }
  return blocks;
}

/** The last branch on the way to an exit whose other side leads to a wanted call; null: there is none. */
export function decidingBranch(facts: Facts, exit: ExitFact, wanted: Wanted): BranchFact | null {
  const { activation } = exit;
  const { program } = activation;
  const targets = reaching(program, blocksWith(facts, activation, wanted));
  const way = wayTo(facts, exit);
  for (let index = way.length - 2; index >= 0; index -= 1) {
    const [block = 0, next = 0] = way.slice(index, index + 2);
    const { successors = [], end = 0 } = program.flow.blocks[block] ?? {};
    if (targets.has(next)) continue;
    if (!successors.some((each) => each !== next && targets.has(each))) continue;
    return facts.branchAt(activation, end - 1);
  }
  return null;
}

export interface Decision {
  readonly branch: BranchFact;
  /** Which outcome of the condition leads away from all wanted calls. */
  readonly without: boolean;
}

/** All branches that can go both ways and after one of which no wanted call can be made. */
export function decisions(facts: Facts, activation: Activation, wanted: Wanted): Decision[] {
  const { program } = activation;
  const targets = reaching(program, blocksWith(facts, activation, wanted));
  const found: Decision[] = [];
  for (const { successors, end } of program.flow.blocks) {
    const [taken, falls] = successors;
    if (taken === undefined || falls === undefined) continue;
    if (targets.has(taken) === targets.has(falls)) continue;
    const branch = facts.branchAt(activation, end - 1);
    if (branch?.taken && branch.falls) found.push({ branch, without: targets.has(falls) });
  }
  return found;
}
