// The control-flow graph of one BPF function: basic blocks in reverse post-order, dominators,
// post-dominators, which branches decide whether a block runs (control dependence), natural loops.
// Dominators after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". Pure.

import { type Instruction, targetOf } from "../../../simulator/machine/instruction.ts";

export interface Loop {
  readonly head: number;
  /** Blocks, the head among them. */
  readonly body: ReadonlySet<number>;
}

export interface Block {
  /** Instructions [start, end). */
  readonly start: number;
  readonly end: number;
  /** The jump's target first, then the next block. */
  readonly successors: readonly number[];
  readonly predecessors: readonly number[];
}

export interface ControlFlow {
  /** In reverse post-order; what the entry does not reach is left out. */
  readonly blocks: readonly Block[];
  /** By instruction; -1 where it isn't reached. */
  readonly blockOf: Int32Array;
  /** Immediate dominator of each block; the entry's is itself. */
  readonly dominator: Int32Array;
  /** Immediate post-dominator; `blocks.length` stands for leaving the function. */
  readonly postDominator: Int32Array;
  /** Blocks whose branch decides directly whether this block runs. */
  readonly controllers: readonly (readonly number[])[];
  readonly loops: readonly Loop[];
  /** By block: whether an edge leads back to it. */
  readonly isLoopHead: Uint8Array;
  readonly isInLoop: Uint8Array;
}

export function dominates(flow: ControlFlow, a: number, b: number): boolean {
  let at = b;
  while (at > a) at = flow.dominator[at] ?? 0;
  return at === a;
}

/** The entry is the first block. */
export function controlFlow(code: readonly Instruction[]): ControlFlow {
  const { blocks, blockOf } = ordered(split(code), code.length);
  const dominator = dominators(blocks.length, (block) => blocks[block]?.predecessors ?? []);
  const postDominator = postDominators(blocks);
  const loops = naturalLoops(blocks, dominator);
  const isLoopHead = new Uint8Array(blocks.length);
  const isInLoop = new Uint8Array(blocks.length);
  for (const { head, body } of loops) {
    isLoopHead[head] = 1;
    for (const block of body) isInLoop[block] = 1;
  }
  return {
    ...{ blocks, blockOf, dominator, postDominator, loops, isLoopHead, isInLoop },
    controllers: controlDependence(blocks, postDominator),
  };
}

interface Piece {
  start: number;
  end: number;
  /** First instructions of what follows. */
  next: number[];
}

function split(code: readonly Instruction[]): Map<number, Piece> {
  const starts = new Set([0]);
  for (const [at, instruction] of code.entries()) {
    const target = targetOf(instruction);
    if (target !== null) starts.add(target).add(at + 1);
    else if (instruction.kind === "exit") starts.add(at + 1);
  }
  const pieces = new Map<number, Piece>();
  const waiting = [0];
  for (let start = waiting.pop(); start !== undefined; start = waiting.pop()) {
    if (pieces.has(start)) continue;
    let end = start + 1;
    while (end < code.length && !starts.has(end)) end += 1;
    const last = code[end - 1];
    const target = last === undefined ? null : targetOf(last);
    const falls = last !== undefined && last.kind !== "exit" && last.kind !== "jump";
    const next = [...new Set([...(target === null ? [] : [target]), ...(falls ? [end] : [])])];
    const inside = next.filter((each) => each < code.length);
    pieces.set(start, { start, end, next: inside });
    waiting.push(...inside);
  }
  return pieces;
}

function ordered(
  pieces: ReadonlyMap<number, Piece>,
  length: number,
): { blocks: Block[]; blockOf: Int32Array } {
  const order = postOrder(pieces).reverse();
  const indexOf = new Map(order.map((start, index) => [start, index]));
  const predecessors: number[][] = order.map(() => []);
  const blockOf = new Int32Array(length).fill(-1);
  const shapes = order.map((start, index) => {
    const piece = pieces.get(start);
    const end = piece?.end ?? start + 1;
    const successors = (piece?.next ?? []).map((each) => indexOf.get(each) ?? 0);
    for (const successor of successors) predecessors[successor]?.push(index);
    blockOf.fill(index, start, end);
    return { start, end, successors };
  });
  const blocks = shapes.map((shape, index) => ({
    ...shape,
    predecessors: predecessors[index] ?? [],
  }));
  return { blocks, blockOf };
}

function postOrder(pieces: ReadonlyMap<number, Piece>): number[] {
  const order: number[] = [];
  const seen = new Set([0]);
  const stack: [number, number][] = [[0, 0]];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = pieces.get(top[0])?.next[top[1]];
    top[1] += 1;
    if (next === undefined) {
      order.push(top[0]);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push([next, 0]);
    }
  }
  return order;
}

/** Of nodes numbered in reverse post-order from the root, 0. */
function dominators(count: number, predecessors: (node: number) => readonly number[]): Int32Array {
  const found = new Int32Array(count).fill(-1);
  found[0] = 0;
  const common = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (x > y) x = found[x] ?? 0;
      while (y > x) y = found[y] ?? 0;
    }
    return x;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let node = 1; node < count; node += 1) {
      let best = -1;
      for (const before of predecessors(node)) {
        if ((found[before] ?? -1) < 0) continue;
        best = best < 0 ? before : common(best, before);
      }
      if (best !== found[node]) {
        found[node] = best;
        changed = true;
      }
    }
  }
  return found;
}

/** Dominators of the reversed graph, whose root is the way out; blocks in endless loops have none. */
function postDominators(blocks: readonly Block[]): Int32Array {
  const out = blocks.length;
  const before = (node: number): readonly number[] =>
    node === out
      ? blocks.flatMap(({ successors }, index) => (successors.length === 0 ? [index] : []))
      : (blocks[node]?.predecessors ?? []);
  const order: number[] = [];
  const seen = new Set([out]);
  const stack: [number, number, readonly number[]][] = [[out, 0, before(out)]];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top[2][top[1]];
    top[1] += 1;
    if (next === undefined) {
      order.push(top[0]);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push([next, 0, before(next)]);
    }
  }
  order.reverse();
  const rank = new Map(order.map((node, index) => [node, index]));
  const found = dominators(order.length, (index) => {
    const node = order[index] ?? out;
    const { successors = [] } = blocks[node] ?? {};
    const after = successors.length === 0 ? [out] : successors;
    return after.flatMap((each) => rank.get(each) ?? []);
  });
  return Int32Array.from(blocks, (_, node) => {
    const at = rank.get(node);
    return at === undefined ? -1 : (order[found[at] ?? 0] ?? out);
  });
}

function controlDependence(blocks: readonly Block[], postDominator: Int32Array): number[][] {
  const found: Set<number>[] = blocks.map(() => new Set());
  for (const [index, { successors }] of blocks.entries()) {
    if (successors.length < 2) continue;
    for (const successor of successors) {
      const stop = postDominator[index] ?? -1;
      for (let at = successor; at !== stop && at >= 0 && at < blocks.length; ) {
        found[at]?.add(index);
        const next = postDominator[at] ?? -1;
        if (next === at) break;
        at = next;
      }
    }
  }
  return found.map((each) => [...each]);
}

function naturalLoops(blocks: readonly Block[], dominator: Int32Array): Loop[] {
  const bodies = new Map<number, Set<number>>();
  for (const [from, { successors }] of blocks.entries()) {
    for (const head of successors) {
      if (head > from || !above(dominator, head, from)) continue;
      const body = bodies.get(head) ?? new Set([head]);
      bodies.set(head, body);
      const waiting = [from];
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        if (body.has(at)) continue;
        body.add(at);
        waiting.push(...(blocks[at]?.predecessors ?? []));
      }
    }
  }
  return [...bodies].map(([head, body]) => ({ head, body }));
}

function above(dominator: Int32Array, a: number, b: number): boolean {
  let at = b;
  while (at > a) at = dominator[at] ?? 0;
  return at === a;
}
