// BTF, the kernel's compact type format (Documentation/bpf/btf.rst): records read in place, names made
// only when asked for, so that a kernel's 5 MB cost milliseconds. For the object's own types, too: ids
// and offsets in it are hostile, and every one that leads outside throws ObjectError.

import { ObjectError } from "../errors.ts";

export const btfKinds = {
  void: 0,
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  dataSection: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** 32-bit words after the three of every record: fixed, and per element. */
const fixedWords = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
const elementWords = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];

const btfLimits = {
  bytesMax: 64 << 20,
  typesMax: 2_000_000,
  depthMax: 32,
  nameBytesMax: 4096,
} as const;
const magic = 0xeb9f;
const decoder = new TextDecoder("utf-8");
const encoder = new TextEncoder();

export class Btf {
  /** Ids run from 1 to this number; 0 is void. */
  readonly typeCount: number;
  readonly #words: Uint32Array;
  readonly #strings: Uint8Array;
  /** Index of the first word of each type. */
  readonly #starts: Uint32Array;
  #index: NameIndex | null = null;

  /** Throws ObjectError where the header, a record or its length doesn't fit. */
  constructor(bytes: Uint8Array) {
    const { types, strings } = parts(bytes);
    this.#words = types;
    this.#strings = strings;
    this.#starts = scan(types);
    this.typeCount = this.#starts.length - 1;
  }

  #start(id: number): number {
    const start = this.#starts[id];
    if (start === undefined || id === 0) throw new ObjectError(`BTF has no type ${id}`);
    return start;
  }

  #word(at: number): number {
    return this.#words[at] ?? 0;
  }

  kind(id: number): number {
    return id === 0 ? 0 : (this.#word(this.#start(id) + 1) >>> 24) & 31;
  }

  nameOffset(id: number): number {
    return id === 0 ? 0 : this.#word(this.#start(id));
  }

  name(id: number): string {
    return this.string(this.nameOffset(id));
  }

  /** Elements of a record: members, enumerators, parameters, variables of a section. */
  length(id: number): number {
    return id === 0 ? 0 : this.#word(this.#start(id) + 1) & 0xffff;
  }

  /** Of structures: members carry bit-field sizes; of enums: signed values; of forwards: a union. */
  kindFlag(id: number): boolean {
    return id !== 0 && this.#word(this.#start(id) + 1) >>> 31 === 1;
  }

  /** The third word: size in bytes, or the type referred to. */
  reference(id: number): number {
    return id === 0 ? 0 : this.#word(this.#start(id) + 2);
  }

  /** Whether string() of this offset would answer. */
  hasString(offset: number): boolean {
    return offset < Math.max(this.#strings.length, 1);
  }

  /** A name. */
  string(offset: number): string {
    if (offset === 0) return "";
    if (!this.hasString(offset)) {
      throw new ObjectError(`a BTF name at ${offset} lies outside the strings`);
    }
    const bytes = this.#strings.subarray(offset, offset + btfLimits.nameBytesMax);
    const end = bytes.indexOf(0);
    if (end < 0) throw new ObjectError("BTF has an overlong name");
    return decoder.decode(bytes.subarray(0, end));
  }

  /** A line of source: cut off where it is overlong, empty where it is none. */
  text(offset: number): string {
    const bytes = this.#strings.subarray(offset, offset + btfLimits.nameBytesMax);
    const end = bytes.indexOf(0);
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  #element(id: number, index: number, words: number): number {
    const at = this.#start(id) + 3;
    if (index < 0 || index >= this.length(id))
      throw new ObjectError(`BTF type ${id} has no element ${index}`);
    return at + index * words;
  }

  /** Member of a struct or union. Offset in bits; bit-field size in bits, 0 for ordinary members. */
  member(
    id: number,
    index: number,
  ): { name: string; type: number; bitOffset: number; bits: number } {
    const at = this.#element(id, index, 3);
    const offset = this.#word(at + 2);
    const fields = this.kindFlag(id);
    return {
      name: this.string(this.#word(at)),
      type: this.#word(at + 1),
      bitOffset: fields ? offset & 0xff_ffff : offset,
      bits: fields ? offset >>> 24 : 0,
    };
  }

  /** Parameter of a prototype. */
  parameter(id: number, index: number): { name: string; type: number } {
    const at = this.#element(id, index, 2);
    return { name: this.string(this.#word(at)), type: this.#word(at + 1) };
  }

  /** Enumerator of an enum or enum64; the value sign-extended where the enum is signed. */
  enumerator(id: number, index: number): { name: string; value: bigint } {
    const wide = this.kind(id) === btfKinds.enum64;
    const at = this.#element(id, index, wide ? 3 : 2);
    const low = BigInt(this.#word(at + 1));
    const raw = wide ? low | (BigInt(this.#word(at + 2)) << 32n) : low;
    const signed = this.kindFlag(id);
    const value = signed ? BigInt.asIntN(wide ? 64 : 32, raw) : raw;
    return { name: this.string(this.#word(at)), value };
  }

  /** Variable of a data section. */
  sectionVariable(id: number, index: number): { type: number; offset: number; size: number } {
    const at = this.#element(id, index, 3);
    return { type: this.#word(at), offset: this.#word(at + 1), size: this.#word(at + 2) };
  }

  array(id: number): { element: number; count: number } {
    const at = this.#start(id) + 3;
    return { element: this.#word(at), count: this.#word(at + 2) };
  }

  /** Of an int: BTF_INT_SIGNED 1, _CHAR 2, _BOOL 4; its width in bits. */
  int(id: number): { encoding: number; bits: number; bitOffset: number } {
    const word = this.#word(this.#start(id) + 3);
    return { encoding: (word >>> 24) & 15, bits: word & 0xff, bitOffset: (word >>> 16) & 0xff };
  }

  /** Of a function (0 static, 1 global, 2 extern) or variable. */
  linkage(id: number): number {
    return this.kind(id) === btfKinds.variable ? this.#word(this.#start(id) + 3) : this.length(id);
  }

  /** Of a declaration tag: the member or parameter it is on, -1 for the whole. */
  tagComponent(id: number): number {
    return this.#word(this.#start(id) + 3) | 0;
  }

  /** Without typedefs, const, volatile, restrict and type tags. */
  resolve(id: number): number {
    let at = id;
    for (let depth = 0; depth < btfLimits.depthMax; depth++) {
      const kind = this.kind(at);
      if (!isModifier(kind) && kind !== btfKinds.typedef) return at;
      at = this.reference(at);
    }
    throw new ObjectError(`BTF type ${id} is a chain of typedefs without an end`);
  }

  /** Without const, volatile, restrict and type tags; typedefs stay. */
  unqualified(id: number): number {
    let at = id;
    for (let depth = 0; depth < btfLimits.depthMax; depth++) {
      if (!isModifier(this.kind(at))) return at;
      at = this.reference(at);
    }
    throw new ObjectError(`BTF type ${id} is a chain of qualifiers without an end`);
  }

  /** In bytes. Functions, prototypes, forwards and void have none: ObjectError. */
  size(id: number): number {
    let at = id;
    let count = 1;
    for (let depth = 0; depth < btfLimits.depthMax; depth++) {
      at = this.resolve(at);
      switch (this.kind(at)) {
        case btfKinds.pointer:
          return count * 8;
        case btfKinds.array: {
          const array = this.array(at);
          count *= array.count;
          at = array.element;
          break;
        }
        case btfKinds.int:
        case btfKinds.struct:
        case btfKinds.union:
        case btfKinds.enum:
        case btfKinds.enum64:
        case btfKinds.float:
        case btfKinds.dataSection:
          return count * this.reference(at);
        case btfKinds.variable:
          at = this.reference(at);
          break;
        default:
          throw new ObjectError(`BTF type ${id} ("${this.name(at)}") has no size`);
      }
    }
    throw new ObjectError(`BTF type ${id} nests too deep`);
  }

  /** The first type of that name and one of the kinds; 0 where there is none. */
  find(name: string, ...kinds: readonly number[]): number {
    for (const id of this.candidates(essentialName(name))) {
      if (kinds.includes(this.kind(id)) && this.name(id) === name) return id;
    }
    return 0;
  }

  /** Ids of the types whose name without a `___flavor` is `essential`, in ascending order. */
  candidates(essential: string): number[] {
    if (essential === "") return [];
    this.#index ??= indexNames(this.#words, this.#starts, this.#strings);
    const { buckets, next } = this.#index;
    const wanted = encoder.encode(essential);
    const found: number[] = [];
    let id = buckets[hashOf(wanted, 0, wanted.length) & (buckets.length - 1)] ?? 0;
    for (; id !== 0; id = next[id] ?? 0) {
      if (matches(this.#strings, this.nameOffset(id), wanted)) found.push(id);
    }
    return found.sort((a, b) => a - b);
  }
}

function isModifier(kind: number): boolean {
  const { const: constant, volatile, restrict, typeTag } = btfKinds;
  return kind === constant || kind === volatile || kind === restrict || kind === typeTag;
}

/**
 * The name without its flavor: what is before the last `___` that has other characters around it
 * (bpf_core_essential_name_len in libbpf).
 */
export function essentialName(name: string): string {
  for (let at = name.length - 5; at >= 0; at--) {
    if (name[at] !== "_" && name.startsWith("___", at + 1) && name[at + 4] !== "_") {
      return name.slice(0, at + 1);
    }
  }
  return name;
}

function parts(bytes: Uint8Array): { types: Uint32Array; strings: Uint8Array } {
  if (bytes.length > btfLimits.bytesMax) throw new ObjectError(`BTF of ${bytes.length} bytes`);
  if (bytes.length < 24) throw new ObjectError("BTF is shorter than its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== magic) throw new ObjectError("BTF starts with a wrong number");
  if (view.getUint8(2) !== 1) throw new ObjectError(`BTF version ${view.getUint8(2)} is unknown`);
  const header = view.getUint32(4, true);
  const [typesAt, typesLength] = [view.getUint32(8, true), view.getUint32(12, true)];
  const [stringsAt, stringsLength] = [view.getUint32(16, true), view.getUint32(20, true)];
  const room = bytes.length - header;
  if (header < 24 || typesAt + typesLength > room || stringsAt + stringsLength > room) {
    throw new ObjectError("the parts of BTF lie outside it");
  }
  if (typesLength % 4 !== 0) throw new ObjectError("BTF's types have an odd length");
  const from = header + typesAt;
  const strings = bytes.subarray(header + stringsAt, header + stringsAt + stringsLength);
  if (strings.length > 0 && (strings[0] !== 0 || strings.at(-1) !== 0)) {
    throw new ObjectError("BTF's strings are not zero-terminated");
  }
  const aligned = (bytes.byteOffset + from) % 4 === 0;
  const source = aligned ? bytes : bytes.slice(from, from + typesLength);
  const start = aligned ? bytes.byteOffset + from : source.byteOffset;
  return { types: new Uint32Array(source.buffer, start, typesLength / 4), strings };
}

function scan(words: Uint32Array): Uint32Array {
  // No record is shorter than three words.
  let starts = new Uint32Array(Math.min(1 << 16, words.length / 3 + 2));
  let count = 1;
  for (let at = 0; at < words.length; ) {
    if (at + 3 > words.length) throw new ObjectError("BTF's last type is cut off");
    const info = words[at + 1] ?? 0;
    const kind = (info >>> 24) & 31;
    const fixed = fixedWords[kind];
    if (kind === 0 || fixed === undefined) {
      throw new ObjectError(`BTF type ${count} is of the unknown kind ${kind}`);
    }
    if (count >= btfLimits.typesMax) throw new ObjectError("BTF has too many types");
    if (count >= starts.length) {
      const larger = new Uint32Array(starts.length * 2);
      larger.set(starts);
      starts = larger;
    }
    starts[count++] = at;
    at += 3 + fixed + (elementWords[kind] ?? 0) * (info & 0xffff);
    if (at > words.length) throw new ObjectError("BTF's last type is cut off");
  }
  return starts.subarray(0, count);
}

/** Chains of type ids by a hash of their essential name: two flat arrays, no strings made. */
interface NameIndex {
  buckets: Uint32Array;
  next: Uint32Array;
}

function indexNames(words: Uint32Array, starts: Uint32Array, strings: Uint8Array): NameIndex {
  let size = 64;
  while (size < starts.length) size *= 2;
  const buckets = new Uint32Array(size);
  const next = new Uint32Array(starts.length);
  for (let id = starts.length - 1; id > 0; id--) {
    const offset = words[starts[id] ?? 0] ?? 0;
    if (offset === 0 || offset >= strings.length) continue;
    const bucket = hashOf(strings, offset, essentialEnd(strings, offset)) & (size - 1);
    next[id] = buckets[bucket] ?? 0;
    buckets[bucket] = id;
  }
  return { buckets, next };
}

const underscore = 95;

/** Where the essential part of the name at `offset` ends. */
function essentialEnd(strings: Uint8Array, offset: number): number {
  let end = offset;
  let essential = 0;
  let run = 0;
  for (; end < strings.length; end++) {
    const byte = strings[end];
    if (byte === 0) break;
    if (byte === underscore) {
      run++;
      continue;
    }
    if (run === 3 && end - run > offset) essential = end - run;
    run = 0;
  }
  return essential === 0 ? end : essential;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function matches(strings: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  if (essentialEnd(strings, offset) - offset !== wanted.length) return false;
  for (let at = 0; at < wanted.length; at++) if (strings[offset + at] !== wanted[at]) return false;
  return true;
}
