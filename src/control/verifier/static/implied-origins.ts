// What decides which of several ways led to a block: the branches between its dominator and it. A value that
// differs between the ways depends on what these branches ask. Called where states are joined.

import type { Activation, Facts } from "./facts.ts";
import { add, type Direction, direction, type Origins } from "./origins.ts";
import type { Program } from "./program.ts";

export function implied(facts: Facts, activation: Activation, block: number): Origins {
  const found = new Map<string, Direction>();
  for (const decider of decidersOf(activation.program, block))
    for (const source of facts.conditionOrigins(activation, decider).keys())
      add(found, source, direction.control);
  return found;
}

const remembered = new WeakMap<Program, Map<number, readonly number[]>>();

function decidersOf(program: Program, block: number): readonly number[] {
  const known = remembered.get(program) ?? new Map<number, readonly number[]>();
  remembered.set(program, known);
  const found = known.get(block) ?? findDeciders(program, block);
  known.set(block, found);
  return found;
}

function findDeciders({ flow }: Program, block: number): number[] {
  const outside = closure(flow.controllers, flow.controllers[block] ?? []);
  const inside = new Set<number>();
  for (const before of flow.blocks[block]?.predecessors ?? []) {
    const direct = flow.controllers[before] ?? [];
    const branches = (flow.blocks[before]?.successors.length ?? 0) > 1;
    for (const each of closure(flow.controllers, branches ? [...direct, before] : direct))
      inside.add(each);
  }
  return [...inside].filter((each) => !outside.has(each));
}

/** Transitively: what decides whether these run. */
export function closure(
  controllers: readonly (readonly number[])[],
  start: readonly number[],
): Set<number> {
  const found = new Set<number>();
  const waiting = [...start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...(controllers[at] ?? []));
  }
  return found;
}
