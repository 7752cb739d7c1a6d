// About how many instructions one call of an op executes at worst: blocks times the rounds of the loops
// around them, callbacks times the rounds of bpf_loop. Called by the rule of that name.

import { cellOf } from "./cell.ts";
import type { Loop } from "./control-flow.ts";
import type { Activation, CallFact, Facts } from "./facts.ts";
import { initialValue } from "./initial-value.ts";
import { least } from "./interval.ts";
import { times } from "./manner.ts";
import { dataSources, hasSource } from "./origins.ts";
import type { Evidence } from "./rule.ts";
import type { Value } from "./value.ts";

/** A kfunc or helper is about as much as this many instructions. */
const callCost = 20n;
const textCost = 200n;
/** Nobody's machine has more CPUs. */
const cpusAssumed = 1024n;
/** PID_MAX_DEFAULT: so many tasks a common machine may have. */
const tasksAssumed = 32_768n;
/** As many as the kernel lets bpf_loop() and may_goto go (BPF_MAX_LOOPS in include/linux/bpf.h). */
const unboundedRounds = 1n << 23n;
/** So many tasks one call may look at; schedcp_queue_search() takes 4096. */
const roundsMax = 8192n;
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
export function costOf(evidence: Evidence, activation: Activation): Cost {
  const { facts } = evidence;
  const { flow, code } = activation.program;
  const loops = boundedLoops(evidence, activation);
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
      cost += costOfCall(facts.calls.get(`${activation.key}:${at}`));
      for (const inner of calledAt(facts, activation, at)) {
        const own = costOf(evidence, inner);
        cost += (own.instructions + callCost) * inner.rounds;
        const call = own.largest ?? facts.calls.get(`${activation.key}:${at}`) ?? null;
        note(call, rounds * own.rounds * inner.rounds, certain && own.isCertain);
      }
    }
    total += cost * rounds;
  }
  return { instructions: total, largest, rounds: most, isCertain };
}

/** Those that make text are slower than the rest. */
function costOfCall(call: CallFact | undefined): bigint {
  return call !== undefined && /snprintf|trace_|printk|_bstr/.test(call.name) ? textCost : callCost;
}

function calledAt(facts: Facts, caller: Activation, at: number): Activation[] {
  return [...facts.activations.values()].filter(
    (each) => each.caller === caller && each.callSite === at,
  );
}

/** Loops by their iterator; what is open-coded the kernel's verifier bounds by itself. */
function boundedLoops(evidence: Evidence, activation: Activation): Bounded[] {
  const { flow } = activation.program;
  const found: Bounded[] = [];
  for (const call of evidence.facts.calls.values()) {
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
    found.push({ loop, slot, call, ...roundsOf(evidence, iterator) });
  }
  return found.filter((each, index) => !isCountedElsewhere(each, index, found));
}

/** How often a loop over numbers goes round, and whether the code itself says so. */
function roundsOf(evidence: Evidence, iterator: Value): { rounds: bigint; isCertain: boolean } {
  const isKnown = iterator.region?.kind === "number-iterator" && iterator.hi < 0x7fff_ffffn;
  const byCpus = hasSource(iterator.origins, "call:scx_bpf_nr_cpu_ids", "call:bpf_cpumask_weight");
  const cells = dataSources(iterator.origins).filter((source) => source.startsWith("cell:"));
  if (isKnown) {
    const rounds = iterator.hi - iterator.lo + 1n;
    if (!byCpus && cells.length === 0) return { rounds, isCertain: true };
    const capped = rounds < cpusAssumed || !byCpus ? rounds : cpusAssumed;
    return { rounds: least(capped, mostIn(evidence, cells) ?? capped), isCertain: false };
  }
  const most = mostIn(evidence, cells);
  if (most !== null && cells.length === dataSources(iterator.origins).length)
    return { rounds: most, isCertain: true };
  // A number of tasks, several times over.
  if (iterator.origins.has(times)) return { rounds: unboundedRounds, isCertain: true };
  if (hasSource(iterator.origins, "call:scx_bpf_dsq_nr_queued"))
    return { rounds: tasksAssumed, isCertain: false };
  return { rounds: cpusAssumed, isCertain: false };
}

/** The most that places of the policy's own hold by the constants stored there; null: it is not known. */
function mostIn({ data, object }: Evidence, cells: readonly string[]): bigint | null {
  let most: bigint | null = null;
  for (const cell of cells) {
    const initial = initialValue(object, cellOf(cell.slice(5)));
    if (most === null || initial > most) most = initial;
    for (const { value } of data.storesOf(cell)) {
      if (value.region !== null || dataSources(value.origins).some((each) => !isKnob(each)))
        return null;
      if (value.hi > most) most = value.hi;
    }
  }
  return most;
}

const isKnob = (source: string): boolean => source.startsWith("knob:");

/** Loops over tasks that no number ends: by their iterator, in the op's own program or what it calls. */
export function endlessLoops({ facts }: Evidence): CallFact[] {
  return [...facts.calls.values()].filter((call) => {
    if (!overTasks.has(call.name) && call.name !== "bpf_iter_scx_dsq_next") return false;
    const { program } = call.activation;
    const { flow } = program;
    const block = flow.blockOf[call.instruction] ?? -1;
    const around = flow.loops.filter(({ body }) => body.has(block));
    if (around.length === 0) return false;
    return !around.some((loop) => isCounted(facts, call.activation, loop));
  });
}

/** Whether a loop ends after so many rounds: a numeric iterator's, or a number of its own that is compared. */
function isCounted(facts: Facts, activation: Activation, { body }: Loop): boolean {
  const { flow } = activation.program;
  const isInside = (instruction: number): boolean => body.has(flow.blockOf[instruction] ?? -1);
  for (const call of facts.calls.values())
    if (
      call.activation === activation &&
      call.name === "bpf_iter_num_next" &&
      isInside(call.instruction) &&
      (call.words[0]?.[0]?.hi ?? roundsMax) < roundsMax
    )
      return true;
  for (const { activation: of, instruction, left, right } of facts.branches.values()) {
    if (of !== activation || !isInside(instruction) || right.lo !== right.hi) continue;
    const { successors = [] } = flow.blocks[flow.blockOf[instruction] ?? -1] ?? {};
    const isOwn = left.region === null && dataSources(left.origins).every(isKnob);
    if (
      isOwn &&
      right.hi > 0n &&
      right.hi < roundsMax &&
      successors.some((each) => !body.has(each))
    )
      return true;
  }
  return false;
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
