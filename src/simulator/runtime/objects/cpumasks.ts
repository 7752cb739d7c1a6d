// CPU masks in linear memory: struct cpumask of the target's size, of which the bits below nr_cpu_ids
// count (include/linux/cpumask.h with NR_CPUS above 64: nr_cpumask_bits is nr_cpu_ids).

import type { Access, SandboxMemory } from "../../machine/memory.ts";
import type { Layout } from "./layout.ts";

export class Cpumasks {
  readonly cpus: number;
  /** sizeof(struct cpumask). */
  readonly bytes: number;
  readonly #memory: SandboxMemory;
  readonly #view: DataView;
  /** Whole 32-bit words that hold bits, and the valid bits of the last. */
  readonly words: number;
  readonly lastWord: number;

  constructor(memory: SandboxMemory, layout: Layout, cpus: number) {
    this.cpus = cpus;
    this.words = Math.ceil(cpus / 32);
    const rest = cpus % 32;
    this.lastWord = rest === 0 ? 0xffff_ffff : 2 ** rest - 1;
    this.bytes = layout.size("cpumask", Math.ceil(cpus / 64) * 8);
    this.#memory = memory;
    this.#view = memory.view;
  }

  create(label: string, access: Access, members: Iterable<number>): number {
    const mask = this.#memory.allocate(this.bytes, access, label);
    for (const cpu of members) this.add(mask, cpu);
    return mask;
  }

  word(mask: number, index: number): number {
    return this.#view.getUint32(mask + index * 4, true);
  }

  /** Bits beyond the last CPU are dropped. */
  setWord(mask: number, index: number, bits: number): void {
    const valid = index === this.words - 1 ? this.lastWord : 0xffff_ffff;
    this.#view.setUint32(mask + index * 4, (bits & valid) >>> 0, true);
  }

  has(mask: number, cpu: number): boolean {
    if (cpu < 0 || cpu >= this.cpus) return false;
    return ((this.#view.getUint32(mask + (cpu >> 5) * 4, true) >>> (cpu & 31)) & 1) === 1;
  }

  add(mask: number, cpu: number): void {
    if (cpu < 0 || cpu >= this.cpus) return;
    const at = mask + (cpu >> 5) * 4;
    this.#view.setUint32(at, (this.#view.getUint32(at, true) | (1 << (cpu & 31))) >>> 0, true);
  }

  remove(mask: number, cpu: number): void {
    if (cpu < 0 || cpu >= this.cpus) return;
    const at = mask + (cpu >> 5) * 4;
    this.#view.setUint32(at, (this.#view.getUint32(at, true) & ~(1 << (cpu & 31))) >>> 0, true);
  }

  clear(mask: number): void {
    for (let index = 0; index < this.words; index += 1) this.setWord(mask, index, 0);
  }

  fill(mask: number, members: Iterable<number>): void {
    this.clear(mask);
    for (const cpu of members) this.add(mask, cpu);
  }

  /** The first CPU that `of` has from `from` on; `cpus` where there is none. */
  nextIn(of: (word: number) => number, from: number): number {
    for (let cpu = from; cpu < this.cpus; ) {
      const index = cpu >> 5;
      const bits = (of(index) >>> (cpu & 31)) << (cpu & 31);
      if (bits !== 0) return Math.min(index * 32 + 31 - Math.clz32(bits & -bits), this.cpus);
      cpu = (index + 1) * 32;
    }
    return this.cpus;
  }

  weight(mask: number): number {
    let count = 0;
    for (let index = 0; index < this.words; index += 1) {
      for (let bits = this.word(mask, index); bits !== 0; bits &= bits - 1) count += 1;
    }
    return count;
  }
}
