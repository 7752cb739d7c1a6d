// About how many instructions one call of an op executes at worst: blocks times the rounds of the loops
// around them, callbacks times the rounds of bpf_loop. Called by the rule of that name.

import type { Loop } from "./control-flow.ts";
import type { Activation, CallFact, Facts } from "./facts.ts";
import { hasSource } from "./origins.ts";

/** A kfunc or helper is about as much as this many instructions. */
const callCost = 20n;
/** Nobody's machine has more CPUs. */
const cpusAssumed = 1024n;
/** PID_MAX_DEFAULT: so many tasks a common machine may have. */
const tasksAssumed = 32_768n;
const overTasks: ReadonlySet<string> = new Set([
  ...["bpf_iter_task_next", "bpf_iter_css_task_next", "bpf_iter_css_next"],
]);

export interface Cost {
  readonly instructions: bigint;
  /** The call whose rounds count most; null: no loop. */
  readonly largest: CallFact | null;
  readonly rounds: bigint;
  /** Whether the number of rounds is what the code says, and not the number of CPUs or tasks. */
  readonly isCertain: boolean;
}

interface Bounded {
  readonly loop: Loop;
  /** Where on the stack the iterator lies. */
  readonly slot: bigint | null;
  readonly rounds: bigint;
  readonly call: CallFact;
  readonly isCertain: boolean;
}

/** Of an op's own program with all that it calls. */
export function costOf(facts: Facts, activation: Activation): Cost {
  const { flow, code } = activation.program;
  const loops = boundedLoops(facts, activation);
  let total = 0n;
  let largest: CallFact | null = null;
  let most = 1n;
  let isCertain = true;
  const note = (call: CallFact | null, rounds: bigint, certain: boolean): void => {
    if (call !== null && rounds > most) {
      most = rounds;
      largest = call;
      isCertain = certain;
    }
  };
  for (const [block, { start, end }] of flow.blocks.entries()) {
    if (!facts.reached.has(`${activation.key}:${block}`)) continue;
    const around = loops.filter(({ loop }) => loop.body.has(block));
    const rounds = around.reduce((product, each) => product * each.rounds, 1n);
    const certain = around.every((each) => each.isCertain);
    note(around.at(-1)?.call ?? null, rounds, certain);
    let cost = BigInt(end - start);
    for (let at = start; at < end; at += 1) {
      const kind = code[at]?.kind;
      if (kind !== "helper" && kind !== "call") continue;
      cost += callCost;
      for (const inner of calledAt(facts, activation, at)) {
        const own = costOf(facts, inner);
        cost += (own.instructions + callCost) * inner.rounds;
        const call = own.largest ?? facts.calls.get(`${activation.key}:${at}`) ?? null;
        note(call, rounds * own.rounds * inner.rounds, certain && own.isCertain);
      }
    }
    total += cost * rounds;
  }
  return { instructions: total, largest, rounds: most, isCertain };
}

function calledAt(facts: Facts, caller: Activation, at: number): Activation[] {
  return [...facts.activations.values()].filter(
    (each) => each.caller === caller && each.callSite === at,
  );
}

/** Loops by their iterator; what is open-coded the kernel's verifier bounds by itself. */
function boundedLoops(facts: Facts, activation: Activation): Bounded[] {
  const { flow } = activation.program;
  const found: Bounded[] = [];
  for (const call of facts.calls.values()) {
    if (call.activation !== activation) continue;
    const isOverTasks = overTasks.has(call.name);
    if (!isOverTasks && call.name !== "bpf_iter_num_next") continue;
    const block = flow.blockOf[call.instruction] ?? -1;
    const around = flow.loops
      .filter(({ body }) => body.has(block))
      .sort((a, b) => a.body.size - b.body.size);
    const [loop] = around;
    if (loop === undefined) continue;
    const place = call.args[0];
    const slot = place !== undefined && place.lo === place.hi ? place.lo : null;
    if (isOverTasks) {
      found.push({ loop, slot, rounds: tasksAssumed, call, isCertain: false });
      continue;
    }
    const iterator = call.words[0]?.[0];
    if (iterator === undefined) continue;
    const isKnown = iterator.region?.kind === "number-iterator" && iterator.hi < 0x7fff_ffffn;
    const byCpus = hasSource(
      iterator.origins,
      "call:scx_bpf_nr_cpu_ids",
      "call:bpf_cpumask_weight",
      "cell:",
    );
    const rounds = isKnown ? iterator.hi - iterator.lo + 1n : cpusAssumed;
    const capped = byCpus && rounds > cpusAssumed ? cpusAssumed : rounds;
    found.push({ loop, slot, rounds: capped, call, isCertain: isKnown && !byCpus });
  }
  return found.filter((each, index) => !isCountedElsewhere(each, index, found));
}

/**
 * The compiler asks an iterator before its loop, too, and that call lies in the loop around; or it asks at
 * two places of the loop.
 */
function isCountedElsewhere(one: Bounded, index: number, all: readonly Bounded[]): boolean {
  return all.some((other, place) => {
    if (other === one || one.slot === null || other.slot !== one.slot) return false;
    if (other.loop === one.loop) return place < index;
    return other.loop.body.size < one.loop.body.size && isWithin(other.loop, one.loop);
  });
}

function isWithin(inner: Loop, outer: Loop): boolean {
  return [...inner.body].every((block) => outer.body.has(block));
}
