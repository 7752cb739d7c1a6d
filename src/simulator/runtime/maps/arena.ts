// BPF arena (kernel/bpf/arena.c): pages that programs allocate for themselves. An arena pointer is an
// address in linear memory, so the casts between its two address spaces change nothing. Pages that are
// not allocated are not accessible; the kernel would let a load there read 0.

import { ObjectError } from "../../errors.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { alignUp } from "../words.ts";
import { BpfMap, type MapHost } from "./bpf-map.ts";

const PAGE = 4096;
/** Of a larger arena only so much can be used; allocation beyond fails as when memory is short. */
const PAGES_MAX = (256 * 1024 * 1024) / PAGE;

export class Arena extends BpfMap {
  readonly #host: MapHost;
  readonly #base: number;
  readonly #used: Uint8Array;
  #lowestFree = 0;

  constructor(definition: MapDefinition, host: MapHost) {
    super(definition);
    const pages = Math.min(definition.maxEntries, PAGES_MAX);
    if (pages < 1) throw new ObjectError(`arena "${definition.name}" has no max_entries`);
    this.#host = host;
    this.#used = new Uint8Array(pages);
    const label = `arena ${definition.name}`;
    this.#base = alignUp(host.memory.allocate((pages + 1) * PAGE, "none", label), PAGE);
    const { initial } = definition;
    if (!initial) return;
    const needed = Math.ceil(initial.length / PAGE);
    if (needed > pages)
      throw new ObjectError(`arena "${definition.name}" is smaller than its own data`);
    this.#take(0, needed);
    host.memory.bytes.set(initial, this.#base);
  }

  override get start(): number {
    return this.#base;
  }

  /** Address of the first page; 0 where there are not so many in a row. `at`: wished address or 0. */
  allocate(at: number, pages: number): number {
    if (pages < 1 || pages > this.#used.length) return 0;
    if (at !== 0) {
      const first = (at - this.#base) / PAGE;
      if (!Number.isInteger(first) || first < 0 || !this.#isFree(first, pages)) return 0;
      return this.#take(first, pages);
    }
    for (let first = this.#lowestFree; first + pages <= this.#used.length; first += 1) {
      if (this.#used[first] === 1 || !this.#isFree(first, pages)) continue;
      return this.#take(first, pages);
    }
    return 0;
  }

  free(at: number, pages: number): void {
    const first = Math.floor((at - this.#base) / PAGE);
    for (let page = first; page < first + pages && page < this.#used.length; page += 1) {
      if (page < 0 || this.#used[page] === 0) continue;
      this.#used[page] = 0;
      this.#lowestFree = Math.min(this.#lowestFree, page);
      this.#host.memory.protect(this.#base + page * PAGE, PAGE, "none");
    }
  }

  /** bpf_arena_reserve_pages: keeps a range from being allocated. */
  reserve(at: number, pages: number): number {
    const first = (at - this.#base) / PAGE;
    if (!Number.isInteger(first) || first < 0 || pages < 1) return errno.invalid;
    if (!this.#isFree(first, pages)) return errno.busy;
    this.#used.fill(1, first, first + pages);
    return 0;
  }

  #isFree(first: number, pages: number): boolean {
    if (first + pages > this.#used.length) return false;
    for (let page = first; page < first + pages; page += 1)
      if (this.#used[page] === 1) return false;
    return true;
  }

  #take(first: number, pages: number): number {
    this.#used.fill(1, first, first + pages);
    while (this.#used[this.#lowestFree] === 1) this.#lowestFree += 1;
    const address = this.#base + first * PAGE;
    this.#host.memory.protect(address, pages * PAGE, "read-write");
    this.#host.memory.bytes.fill(0, address, address + pages * PAGE);
    return address;
  }
}
