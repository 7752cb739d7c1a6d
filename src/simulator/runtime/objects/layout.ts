// Where the target kernel keeps what: sizes and offsets by name from its BTF, never numbers of ours. What
// this kernel doesn't have is an absent slot, and writing to it does nothing.

import type { SandboxMemory } from "../../machine/memory.ts";
import { type Btf, btfKinds } from "../../object/btf.ts";
import { putWord } from "../words.ts";
import {
  type FieldName,
  type FieldPath,
  type KernelStructure,
  kernelFields,
} from "./kernel-fields.ts";

/** A place in a structure. `offset` -1: this kernel has no such member. */
export interface Slot {
  readonly offset: number;
  /** Bytes, or for a bit-field the bytes of the word that holds it. */
  readonly size: number;
  /** Bit-field: position of its lowest bit in that word; 0 bits: ordinary. */
  readonly shift: number;
  readonly bits: number;
}

const absent: Slot = { offset: -1, size: 0, shift: 0, bits: 0 };

const layouts = new WeakMap<Btf, Layout>();

/** The layout of a kernel: made once, because every policy instance asks it for the same. */
export function layoutOf(btf: Btf): Layout {
  const known = layouts.get(btf);
  if (known) return known;
  const made = new Layout(btf);
  layouts.set(btf, made);
  return made;
}

export class Layout {
  readonly #btf: Btf;
  readonly #slots = new Map<string, Slot>();
  readonly #sizes = new Map<string, number>();
  readonly #enumerators = new Map<string, number | null>();

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  /** Size of a structure in bytes; `least` where the kernel has none of that name. */
  size(structure: string, least: number): number {
    let size = this.#sizes.get(structure);
    if (size === undefined) {
      const id = this.#structure(structure);
      size = id === 0 ? 0 : this.#btf.size(id);
      this.#sizes.set(structure, size);
    }
    return Math.max(size, least);
  }

  /** A member by its path ("scx.slice"), through anonymous unions. */
  slot<S extends KernelStructure>(structure: S, path: FieldPath<S>): Slot {
    const key = `${structure}.${path}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#find(structure, path);
      this.#slots.set(key, slot);
    }
    return slot;
  }

  #find(structure: string, path: string): Slot {
    let id = this.#structure(structure);
    let base = 0;
    let found = absent;
    for (const name of path.split(".")) {
      const member = this.#member(id, name, 0);
      if (!member) return absent;
      const bit = base * 8 + member.bitOffset;
      id = this.#btf.resolve(member.type);
      const size = this.#sizeOf(id);
      // A bit-field lies in the aligned word of its type.
      const word = member.bits > 0 ? Math.floor(bit / (size * 8)) * size : bit / 8;
      found = {
        offset: word,
        size,
        shift: member.bits > 0 ? bit - word * 8 : 0,
        bits: member.bits,
      };
      base = bit / 8;
    }
    return found;
  }

  /** Name of the structure that the member at a path is, or is an array of; "" where it is none. */
  structureAt(structure: string, path: string): string {
    let id = this.#structure(structure);
    for (const name of path.split(".")) {
      const member = this.#member(id, name, 0);
      if (!member) return "";
      id = this.#btf.resolve(member.type);
      while (this.#btf.kind(id) === btfKinds.array)
        id = this.#btf.resolve(this.#btf.array(id).element);
    }
    return [btfKinds.struct, btfKinds.union].some((kind) => kind === this.#btf.kind(id))
      ? this.#btf.name(id)
      : "";
  }

  /** Value of an enumerator; null where the kernel has none of that name in that enum. */
  enumerator(enumeration: string, name: string): number | null {
    const key = `${enumeration}.${name}`;
    let value = this.#enumerators.get(key);
    if (value === undefined) {
      value = this.#findEnumerator(enumeration, name);
      this.#enumerators.set(key, value);
    }
    return value;
  }

  #findEnumerator(enumeration: string, name: string): number | null {
    const id = this.#btf.find(enumeration, btfKinds.enum, btfKinds.enum64);
    if (id === 0) return null;
    for (let index = 0; index < this.#btf.length(id); index += 1) {
      const entry = this.#btf.enumerator(id, index);
      if (entry.name === name) return Number(entry.value);
    }
    return null;
  }

  /** Name of the enumerator with this value and prefix, without the prefix; null where there is none. */
  enumeratorName(enumeration: string, prefix: string, value: number): string | null {
    const id = this.#btf.find(enumeration, btfKinds.enum, btfKinds.enum64);
    if (id === 0) return null;
    for (let index = 0; index < this.#btf.length(id); index += 1) {
      const entry = this.#btf.enumerator(id, index);
      if (entry.value === BigInt(value) && entry.name.startsWith(prefix))
        return entry.name.slice(prefix.length);
    }
    return null;
  }

  #structure(name: string): number {
    return this.#btf.find(name, btfKinds.struct, btfKinds.union);
  }

  #sizeOf(id: number): number {
    const kind = this.#btf.kind(id);
    return kind === btfKinds.forward || kind === btfKinds.prototype ? 0 : this.#btf.size(id);
  }

  #member(id: number, name: string, depth: number): MemberFound | null {
    const kind = this.#btf.kind(id);
    if ((kind !== btfKinds.struct && kind !== btfKinds.union) || depth > 8) return null;
    for (let index = 0; index < this.#btf.length(id); index += 1) {
      const member = this.#btf.member(id, index);
      if (member.name === name) return member;
      if (member.name !== "") continue;
      const inner = this.#member(this.#btf.resolve(member.type), name, depth + 1);
      if (inner) return { ...inner, bitOffset: inner.bitOffset + member.bitOffset };
    }
    return null;
  }
}

interface MemberFound {
  type: number;
  bitOffset: number;
  bits: number;
}

export type Slots<S extends KernelStructure> = Readonly<Record<FieldName<S>, Slot>>;

/** All slots of a structure, by short names of ours. */
export function slotsOf<S extends KernelStructure>(layout: Layout, structure: S): Slots<S> {
  const paths = Object.entries(kernelFields[structure]) as [FieldName<S>, FieldPath<S>][];
  return Object.fromEntries(
    paths.map(([name, path]) => [name, layout.slot(structure, path)]),
  ) as Slots<S>;
}

/**
 * Writes a whole number of 0 or more into a member; wider ones than a member's size are cut. Members of
 * four and eight bytes are aligned, as C has them.
 */
export function store(memory: SandboxMemory, base: number, slot: Slot, value: number): void {
  const at = base + slot.offset;
  if (slot.offset < 0) return;
  if (slot.bits > 0) storeBits(memory.bytes, at, slot, value);
  else if (slot.size === 4) memory.words[at >>> 2] = value | 0;
  else if (slot.size === 8) putWord(memory.words, at, value);
  else if (slot.size === 2) memory.view.setUint16(at, value & 0xffff, true);
  else if (slot.size === 1) memory.bytes[at] = value;
}

function storeBits(bytes: Uint8Array, at: number, slot: Slot, value: number): void {
  const byte = at + (slot.shift >> 3);
  const shift = slot.shift & 7;
  const mask = ((1 << Math.min(slot.bits, 8)) - 1) << shift;
  bytes[byte] = ((bytes[byte] as number) & ~mask) | ((value << shift) & mask);
}
