// Random BPF programs, for holding the translator against the interpreter: every instruction that the
// decoder knows, over registers, two buffers and the stack, with calls, callbacks, loops and, now and
// then, an access that faults. The same seed gives the same program.

import type { Reference } from "../../src/simulator/object/bpf-object.ts";
import type { HandMade, Word } from "./assemble.ts";

/** mulberry32 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.word() % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  /** Numbers that find mistakes: edges more often than others. */
  edge(): number {
    if (this.chance(30)) return this.word() | 0;
    if (this.chance(50)) return this.below(70) - 3;
    return this.pick([
      0, 1, -1, 0x7fffffff, -0x80000000, 0xff, 0x100, 0xffff, 0x8000, -128, 31, 32, 63, 64,
    ]);
  }
}

/** What the generated programs find in memory: see below for who makes it. */
export const bufferBytes = 192;
/** Where a program leaves its registers before it ends. */
const savedAt = 128;
export const helpers = { mix: 1, signed: 2, flag: 3, time: 4, nothing: 5, loop: 181 } as const;
export const maps = { writable: 0, readOnly: 1 } as const;

/** r8: read-only buffer; r9: writable; r10: frame. Others hold anything. */
const [readOnlyBase, writableBase, frame] = [8, 9, 10] as const;
const valueRegisters = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** The first function is the entry; each may call those after it. The last is a callback's. */
export function randomProgram(random: Random): HandMade[] {
  const count = 1 + random.below(3);
  const functions = Array.from({ length: count }, (_, index) =>
    randomFunction(random, index, count),
  );
  functions.push(randomFunction(random, count, count));
  return functions;
}

function randomFunction(random: Random, index: number, callback: number): HandMade {
  const words: Word[] = [];
  const references = new Map<number, Reference>();
  const wide = (dst: number, reference: Reference) => {
    references.set(words.length, reference);
    words.push([0x18, dst, 0, 0, 0], [0, 0, 0, 0, 0]);
  };
  const value = (map: number, offset: number): Reference => ({ kind: "map-value", map, offset });
  wide(readOnlyBase, value(maps.readOnly, 0));
  wide(writableBase, value(maps.writable, 0));
  // The entry takes its registers from the context; others mix their arguments.
  if (index === 0) for (const r of [0, 2, 3, 4, 5, 6, 7, 1]) words.push([0x79, r, 1, r * 8, 0]);
  else words.push([0xbf, 0, 1, 0, 0], [0xbf, 6, 2, 0, 0], [0xbf, 7, 3, 0, 0]);
  const first = words.length;
  const length = 4 + random.below(index === 0 ? 50 : 20);
  const jumps: number[] = [];
  const starts: number[] = [];
  while (words.length < first + length) {
    starts.push(words.length);
    oneStep(random, { words, references, jumps, index, callback, wide });
  }
  starts.push(words.length);
  for (const r of valueRegisters) words.push([0x7b, writableBase, r, savedAt + r * 8, 0]);
  words.push([0x95, 0, 0, 0, 0]);
  for (const at of jumps) aim(random, words, at, starts);
  return { name: `function${index}`, words, references };
}

/** A jump's target: mostly forward, sometimes back, always the start of a step. */
function aim(random: Random, words: Word[], at: number, starts: readonly number[]): void {
  const word = words[at];
  if (word === undefined) return;
  const forward = starts.filter((start) => start > at);
  const back = starts.filter((start) => start <= at);
  const choices = random.chance(85) || back.length === 0 ? forward : back;
  const target = random.pick(choices);
  const [opcode, dst, src, , immediate] = word;
  words[at] =
    opcode === 0x06
      ? [opcode, dst, src, 0, target - at - 1]
      : [opcode, dst, src, target - at - 1, immediate];
}

interface Context {
  words: Word[];
  references: Map<number, Reference>;
  jumps: number[];
  index: number;
  callback: number;
  wide(dst: number, reference: Reference): void;
}

function oneStep(random: Random, context: Context): void {
  const { words, jumps } = context;
  const kind = random.below(100);
  if (kind < 45) alu(random, words);
  else if (kind < 60) load(random, words);
  else if (kind < 72) store(random, words);
  else if (kind < 80) atomic(random, words);
  else if (kind < 90) {
    jumps.push(words.length);
    branch(random, words);
  } else if (kind < 92) {
    words.push(
      [0x18, random.pick(valueRegisters), 0, 0, random.edge()],
      [0, 0, 0, 0, random.edge()],
    );
  } else call(random, context);
}

function alu(random: Random, words: Word[]): void {
  const dst = random.pick(valueRegisters);
  const src = random.chance(5) ? random.pick([8, 9, 10]) : random.pick(valueRegisters);
  const immediate = random.edge();
  const wide = random.chance(50);
  const group = wide ? 0x07 : 0x04;
  const choice = random.below(20);
  if (choice === 0) words.push([0x80 | group, dst, 0, 0, 0]);
  else if (choice === 1)
    words.push([0xd4 | (random.chance(50) ? 8 : 0), dst, 0, 0, random.pick([16, 32, 64])]);
  else if (choice === 2) words.push([0xd7, dst, 0, 0, random.pick([16, 32, 64])]);
  else if (choice === 3)
    words.push([0xb8 | group, dst, src, wide ? random.pick([8, 16, 32]) : random.pick([8, 16]), 0]);
  else if (choice === 4) words.push([0xbf, dst, src, 1, 1]);
  else {
    const operation = random.pick([
      0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0, 0xb0, 0xc0,
    ]);
    const signed = (operation === 0x30 || operation === 0x90) && random.chance(50) ? 1 : 0;
    const fromRegister = random.chance(60);
    words.push([
      operation | group | (fromRegister ? 8 : 0),
      dst,
      fromRegister ? src : 0,
      signed,
      immediate,
    ]);
  }
}

const sizes = [
  [0x10, 1],
  [0x08, 2],
  [0x00, 4],
  [0x18, 8],
] as const;

/** A base and an offset: nearly always inside. */
function place(random: Random, bytes: number, writes: boolean): { base: number; offset: number } {
  if (random.chance(2))
    return { base: random.pick(valueRegisters), offset: (random.edge() << 16) >> 16 };
  const base = random.pick(
    writes ? [writableBase, writableBase, frame] : [readOnlyBase, writableBase, frame],
  );
  if (random.chance(2))
    return {
      base: writes ? readOnlyBase : base,
      offset: random.pick([-8, -1, 185, 190, 192, 512]),
    };
  if (base === frame) return { base, offset: -bytes - random.below(120) };
  return { base, offset: random.below(savedAt - bytes) };
}

function load(random: Random, words: Word[]): void {
  const [size, bytes] = random.pick(sizes);
  const { base, offset } = place(random, bytes, false);
  const mode = bytes < 8 && random.chance(30) ? 0x80 : 0x60;
  words.push([0x01 | mode | size, random.pick(valueRegisters), base, offset, 0]);
}

function store(random: Random, words: Word[]): void {
  const [size, bytes] = random.pick(sizes);
  const { base, offset } = place(random, bytes, true);
  if (random.chance(70)) words.push([0x63 | size, base, random.pick(valueRegisters), offset, 0]);
  else words.push([0x62 | size, base, 0, offset, random.edge()]);
}

function atomic(random: Random, words: Word[]): void {
  const operation = random.pick([
    0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1, 0x100, 0x110,
  ]);
  const narrow = operation === 0x100 || operation === 0x110;
  const [size, bytes] = narrow ? random.pick(sizes) : random.pick([sizes[2], sizes[3]]);
  const { base, offset } = place(random, bytes, true);
  const register = random.pick(valueRegisters);
  if (operation === 0xf1 && random.chance(60)) {
    // What it compares with: the right value, at times under a dirty upper half.
    words.push([0x61 | size, 0, base, offset, 0]);
    if (random.chance(40))
      words.push([0x18, 7, 0, 0, 0], [0, 0, 0, 0, random.edge()], [0x4f, 0, 7, 0, 0]);
  }
  if (operation === 0x100) words.push([0xc3 | size, register, base, offset, operation]);
  else words.push([0xc3 | size, base, register, offset, operation]);
}

function branch(random: Random, words: Word[]): void {
  if (random.chance(10)) {
    words.push([random.pick([0x05, 0x06]), 0, 0, 0, 0]);
    return;
  }
  if (random.chance(5)) {
    words.push([0xe5, 0, 0, 0, 0]);
    return;
  }
  const condition = random.pick([0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0]);
  const fromRegister = random.chance(50);
  const group = random.pick([0x05, 0x06]);
  words.push([
    condition | group | (fromRegister ? 8 : 0),
    random.pick(valueRegisters),
    fromRegister ? random.pick(valueRegisters) : 0,
    0,
    random.edge(),
  ]);
}

function call(random: Random, { words, references, index, callback, wide }: Context): void {
  if (index + 1 < callback && random.chance(50)) {
    const target = index + 1 + random.below(callback - index - 1);
    references.set(words.length, { kind: "function", function: target });
    words.push([0x85, 0, 1, 0, -1]);
    return;
  }
  if (index < callback && random.chance(15)) {
    words.push([0xb7, 1, 0, 0, random.below(5)]);
    wide(2, { kind: "function", function: callback });
    words.push([0xbf, 3, 10, 0, 0], [0xb7, 4, 0, 0, 0], [0x85, 0, 0, 0, helpers.loop]);
    return;
  }
  if (random.chance(20)) {
    references.set(words.length, { kind: "ksym", ksym: random.chance(95) ? 0 : 1 });
    words.push([0x85, 0, 1, 0, -1]);
    return;
  }
  const { mix, signed, flag, time, nothing } = helpers;
  words.push([
    0x85,
    0,
    0,
    0,
    random.chance(98) ? random.pick([mix, signed, flag, time, nothing]) : 99,
  ]);
}
