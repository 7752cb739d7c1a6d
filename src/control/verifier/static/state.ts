// The abstract state at a point of a program: registers, the stack frames, and what has happened on the
// way. Changed in place by the transfer functions, which work on copies.

import type { Origins } from "./origins.ts";
import { noOrigins, union } from "./origins.ts";
import { anything, joinValues, sameValue, unknownOf, type Value, widenValue } from "./value.ts";

/** What happened since the op began. Its `key` keeps states apart that rules need to tell apart. */
export interface Path {
  /** Times that the op's task was inserted into a DSQ; 2 stands for more. */
  readonly inserts: number;
  /** Whether something was, or was tried to be, taken from a queue to this CPU. */
  readonly drains: boolean;
  /** An allocation failed. */
  readonly failed: boolean;
  /** scx_bpf_error() or scx_bpf_exit() was called: the scheduler is over. */
  readonly ended: boolean;
  /** The op's task was put into a structure of the policy's own. */
  readonly handed: boolean;
}

export const startOfPath: Path = {
  inserts: 0,
  drains: false,
  failed: false,
  ended: false,
  handed: false,
};

export function pathKey(path: Path): number {
  return (
    path.inserts +
    (path.drains ? 4 : 0) +
    (path.failed ? 8 : 0) +
    (path.ended ? 16 : 0) +
    (path.handed ? 32 : 0)
  );
}

export interface Slot {
  readonly value: Value;
  readonly size: number;
}
/** Offset from the frame's end, negative → what was stored there. */
type Frame = Map<number, Slot>;
export type ReadonlyFrame = ReadonlyMap<number, Slot>;

export class State {
  registers: Value[];
  /** The last is the running function's; those below are its callers'. */
  readonly frames: ReadonlyFrame[];
  path: Path;
  /** Frames that no other state has: only these are written to. */
  #own: (Frame | undefined)[] = [];

  constructor(registers: Value[], frames: readonly ReadonlyFrame[], path: Path) {
    this.registers = registers;
    this.frames = [...frames];
    this.path = path;
  }

  copy(): State {
    this.#own = [];
    return new State([...this.registers], this.frames, this.path);
  }

  /** For writing: a copy of its own, unless it has that already. Null: there is no such frame. */
  #frame(index: number): Frame | null {
    const known = this.#own[index];
    if (known !== undefined) return known;
    const shared = this.frames[index];
    if (shared === undefined) return null;
    const own: Frame = new Map(shared);
    this.#own[index] = own;
    this.frames[index] = own;
    return own;
  }

  register(index: number): Value {
    return this.registers[index] ?? anything;
  }

  /** What a load from the stack gives. */
  load(frame: number, lo: bigint, hi: bigint, size: number): Value {
    const slots = this.frames[frame];
    if (slots === undefined) return unknownOf(size, noOrigins);
    const from = Number(lo);
    if (lo === hi) {
      const slot = slots.get(from);
      if (slot !== undefined && slot.size === size) return slot.value;
      if (slot !== undefined && slot.size > size && slot.value.region === null) {
        if (slot.value.hi < 1n << BigInt(8 * size)) return slot.value;
      }
    }
    return unknownOf(size, this.originsOf(frame, from, Number(hi) + size));
  }

  /** Of all that lies in [from, to). */
  originsOf(frame: number, from: number, to: number): Origins {
    let origins = noOrigins;
    for (const [at, slot] of this.frames[frame] ?? [])
      if (at < to && at + slot.size > from) origins = union(origins, slot.value.origins);
    return origins;
  }

  store(frame: number, lo: bigint, hi: bigint, size: number, value: Value): void {
    const slots = this.#frame(frame);
    if (slots === null) return;
    const [from, to] = [Number(lo), Number(hi) + size];
    if (lo !== hi) {
      this.fill(frame, from, to, value.origins, false);
      return;
    }
    this.#forget(slots, from, to);
    slots.set(from, { value, size });
  }

  /** Something unknown of these origins now lies in [from, to), or (not `all`) may lie there. */
  fill(frame: number, from: number, to: number, origins: Origins, all = true): void {
    const slots = this.#frame(frame);
    if (slots === null) return;
    const old = all ? noOrigins : this.originsOf(frame, from, to);
    this.#forget(slots, from, to);
    const all64 = unknownOf(8, union(origins, old));
    for (let at = from; at < to && at < from + 512; at += 8) {
      const size = Math.min(8, to - at);
      slots.set(at, { value: size === 8 ? all64 : unknownOf(size, all64.origins), size });
    }
  }

  /** What is only partly overwritten keeps its origins. */
  #forget(slots: Frame, from: number, to: number): void {
    for (const [at, slot] of slots) {
      if (at >= to || at + slot.size <= from) continue;
      slots.delete(at);
      if (at < from) slots.set(at, { size: from - at, value: unknownOf(8, slot.value.origins) });
      const end = at + slot.size;
      if (end > to) slots.set(to, { size: end - to, value: unknownOf(8, slot.value.origins) });
    }
  }

  /** Replaces every value of the id by what `change` makes of it. */
  refine(id: number, change: (value: Value) => Value): void {
    if (id === 0) return;
    for (const [index, value] of this.registers.entries())
      if (value.id === id) this.registers[index] = change(value);
    for (const [index, frame] of this.frames.entries())
      for (const [at, { value, size }] of frame)
        if (value.id === id) this.#frame(index)?.set(at, { value: change(value), size });
  }

  /** Before a new value takes the id: old holders of it are other values from now on. */
  release(id: number): void {
    this.refine(id, (value) => ({ ...value, id: 0 }));
  }
}

/** Ids of joined values: by block and place, so that they are the same in every round. */
export type JoinIds = (place: number) => number;

/**
 * `older` with `newer` joined in; the same object where nothing is new. `implied`: what decides between
 * the two.
 */
export function joinStates(
  older: State,
  newer: State,
  ids: JoinIds,
  implied: () => Origins,
  widen: boolean,
): State {
  let changed = false;
  let decided: Origins | null = null;
  const deciding = (): Origins => {
    decided ??= implied();
    return decided;
  };
  const join = (a: Value, b: Value, place: number): Value => {
    if (a === b) return a;
    const joined = joinValues(a, b, ids(place), deciding);
    const value = widen ? widenValue(a, joined) : joined;
    if (!sameValue(value, a)) changed = true;
    return value;
  };
  const registers = older.registers.map((value, index) =>
    join(value, newer.registers[index] ?? anything, index),
  );
  const frames = older.frames.map((frame, depth) => {
    const other = newer.frames[depth];
    if (other === frame) return frame;
    const joined: Frame = new Map();
    for (const [at, slot] of frame) {
      const theirs = other?.get(at);
      if (theirs === undefined || theirs.size !== slot.size) {
        changed = true;
        continue;
      }
      const value = join(slot.value, theirs.value, 16 + depth * 1024 - at);
      joined.set(at, { value, size: slot.size });
    }
    return joined;
  });
  return changed ? new State(registers, frames, older.path) : older;
}
