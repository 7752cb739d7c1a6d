// Finds numbered entries by the bytes of their keys: chained hashing over keys that lie in linear
// memory, with the order of use for the LRU maps. Owns no key. Used by hash-map.ts.

import type { SandboxMemory } from "../../machine/memory.ts";

const NONE = -1;
/** In `#state`: not in the table. */
const ABSENT = 0;
const PRESENT = 1;

export class KeyTable {
  readonly #view: DataView;
  readonly #keySize: number;
  readonly #keyOf: (entry: number) => number;
  #heads = new Int32Array(64).fill(NONE);
  #next = new Int32Array(64);
  #hash = new Int32Array(64);
  #state = new Uint8Array(64);
  /** Order of use: #newer[#oldest] … #newest. */
  #older = new Int32Array(64);
  #newer = new Int32Array(64);
  #oldest = NONE;
  #newest = NONE;
  #size = 0;

  constructor(memory: SandboxMemory, keySize: number, keyOf: (entry: number) => number) {
    this.#view = memory.view;
    this.#keySize = keySize;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  has(entry: number): boolean {
    return this.#state[entry] === PRESENT;
  }

  /** The entry whose key has the bytes at this address; -1 where there is none. */
  find(key: number): number {
    const hash = this.#hashOf(key);
    let entry = this.#heads[hash & (this.#heads.length - 1)] ?? NONE;
    while (entry !== NONE) {
      if (this.#hash[entry] === hash && this.#equal(key, this.#keyOf(entry))) return entry;
      entry = this.#next[entry] ?? NONE;
    }
    return NONE;
  }

  /** An entry whose key is in its place and not in the table. */
  insert(entry: number): void {
    if (entry >= this.#next.length) this.#growEntries(entry + 1);
    if (this.#size >= this.#heads.length) this.#growHeads();
    const hash = this.#hashOf(this.#keyOf(entry));
    this.#hash[entry] = hash;
    this.#state[entry] = PRESENT;
    this.#link(entry, hash);
    this.#append(entry);
    this.#size += 1;
  }

  remove(entry: number): void {
    const bucket = (this.#hash[entry] ?? 0) & (this.#heads.length - 1);
    let at = this.#heads[bucket] ?? NONE;
    if (at === entry) this.#heads[bucket] = this.#next[entry] ?? NONE;
    else {
      while (this.#next[at] !== entry) at = this.#next[at] ?? NONE;
      this.#next[at] = this.#next[entry] ?? NONE;
    }
    this.#state[entry] = ABSENT;
    this.#unlink(entry);
    this.#size -= 1;
  }

  /** The entry has just been used. */
  touch(entry: number): void {
    if (this.#newest === entry) return;
    this.#unlink(entry);
    this.#append(entry);
  }

  oldest(): number {
    return this.#oldest;
  }

  #link(entry: number, hash: number): void {
    const bucket = hash & (this.#heads.length - 1);
    this.#next[entry] = this.#heads[bucket] ?? NONE;
    this.#heads[bucket] = entry;
  }

  #append(entry: number): void {
    this.#older[entry] = this.#newest;
    this.#newer[entry] = NONE;
    if (this.#newest === NONE) this.#oldest = entry;
    else this.#newer[this.#newest] = entry;
    this.#newest = entry;
  }

  #unlink(entry: number): void {
    const older = this.#older[entry] ?? NONE;
    const newer = this.#newer[entry] ?? NONE;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }

  #growEntries(least: number): void {
    let length = this.#next.length;
    while (length < least) length *= 2;
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.#next = grown(this.#next);
    this.#hash = grown(this.#hash);
    this.#older = grown(this.#older);
    this.#newer = grown(this.#newer);
    const state = new Uint8Array(length);
    state.set(this.#state);
    this.#state = state;
  }

  #growHeads(): void {
    this.#heads = new Int32Array(this.#heads.length * 2).fill(NONE);
    for (let entry = 0; entry < this.#state.length; entry += 1)
      if (this.#state[entry] === PRESENT) this.#link(entry, this.#hash[entry] ?? 0);
  }

  #hashOf(key: number): number {
    let hash = this.#keySize;
    let at = key;
    const words = key + (this.#keySize & ~3);
    for (; at < words; at += 4) hash = mix(hash, this.#view.getUint32(at, true));
    for (; at < key + this.#keySize; at += 1) hash = mix(hash, this.#view.getUint8(at));
    return hash ^ (hash >>> 15);
  }

  #equal(a: number, b: number): boolean {
    let at = 0;
    for (; at + 4 <= this.#keySize; at += 4)
      if (this.#view.getUint32(a + at, true) !== this.#view.getUint32(b + at, true)) return false;
    for (; at < this.#keySize; at += 1)
      if (this.#view.getUint8(a + at) !== this.#view.getUint8(b + at)) return false;
    return true;
  }
}

/** Multiplicative mixing with a rotation; spreads keys that count up. */
function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return (mixed << 13) | (mixed >>> 19);
}
