// Hash, per-CPU hash and their LRU forms (kernel/bpf/hashtab.c). Entries come in chunks as they are
// needed and are used again after removal: like the kernel's, a value stays accessible to whoever still
// holds its address. The LRU forms evict strictly the entry unused for longest, where the kernel's
// lists are approximate and per CPU.

import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { alignUp } from "../words.ts";
import { BpfMap, copyBytes, type MapEntry, type MapHost, updateFlags } from "./bpf-map.ts";
import { KeyTable } from "./key-table.ts";
import { checkBytes, checkShape, PER_CPU_BYTES_MAX } from "./limits.ts";

const CHUNK_SHIFT = 6;
const CHUNK_ENTRIES = 1 << CHUNK_SHIFT;
/** Untouchable bytes before every key and between key and value. */
const GAP = 8;

export interface HashKind {
  perCpu: boolean;
  lru: boolean;
}

export class HashMap extends BpfMap {
  readonly #host: MapHost;
  readonly #kind: HashKind;
  readonly #keys: KeyTable;
  readonly #chunks: number[] = [];
  readonly #valueAt: number;
  /** Bytes between two CPUs' copies of a value, and between two entries. */
  readonly #valueStride: number;
  readonly #stride: number;
  readonly #free: number[] = [];
  #made = 0;

  constructor(definition: MapDefinition, host: MapHost, kind: HashKind) {
    super(definition);
    checkShape(definition, "key", kind.perCpu ? PER_CPU_BYTES_MAX : undefined);
    this.#host = host;
    this.#kind = kind;
    this.#valueAt = GAP + alignUp(definition.keySize, 8) + GAP;
    this.#valueStride = alignUp(definition.valueSize, 8);
    this.#stride = this.#valueAt + this.#valueStride * (kind.perCpu ? host.cpus : 1);
    checkBytes(definition.name, this.#stride * definition.maxEntries);
    this.#keys = new KeyTable(host.memory, definition.keySize, (entry) => this.#keyOf(entry));
  }

  #address(entry: number): number {
    const chunk = this.#chunks[entry >> CHUNK_SHIFT] ?? 0;
    return chunk + (entry & (CHUNK_ENTRIES - 1)) * this.#stride;
  }

  #keyOf(entry: number): number {
    return this.#address(entry) + GAP;
  }

  #valueOf(entry: number, cpu: number): number {
    return this.#address(entry) + this.#valueAt + (this.#kind.perCpu ? cpu * this.#valueStride : 0);
  }

  #cpu(): number {
    return this.#kind.perCpu ? this.#host.currentCpu() : 0;
  }

  override lookup(key: number): number {
    const entry = this.#keys.find(key);
    if (entry < 0) return 0;
    if (this.#kind.lru) this.#keys.touch(entry);
    return this.#valueOf(entry, this.#cpu());
  }

  override lookupOnCpu(key: number, cpu: number): number {
    if (!this.#kind.perCpu || cpu >= this.#host.cpus) return 0;
    const entry = this.#keys.find(key);
    return entry < 0 ? 0 : this.#valueOf(entry, cpu);
  }

  override update(key: number, value: number, flags: number): number {
    if (flags > updateFlags.exist) return errno.invalid;
    let entry = this.#keys.find(key);
    if (entry >= 0 && flags === updateFlags.noExist) return errno.exists;
    if (entry < 0) {
      if (flags === updateFlags.exist) return errno.noEntry;
      entry = this.#insert(key);
      if (entry < 0) return errno.tooBig;
    } else if (this.#kind.lru) {
      this.#keys.touch(entry);
    }
    copyBytes(
      this.#host.memory,
      this.#valueOf(entry, this.#cpu()),
      value,
      this.definition.valueSize,
    );
    return 0;
  }

  #insert(key: number): number {
    if (this.#keys.size >= this.definition.maxEntries) {
      if (!this.#kind.lru) return -1;
      const oldest = this.#keys.oldest();
      this.#keys.remove(oldest);
      this.#free.push(oldest);
    }
    const entry = this.#free.pop() ?? this.#make();
    copyBytes(this.#host.memory, this.#keyOf(entry), key, this.definition.keySize);
    if (this.#kind.perCpu) {
      const first = this.#valueOf(entry, 0);
      this.#host.memory.bytes.fill(0, first, first + this.#valueStride * this.#host.cpus);
    }
    this.#keys.insert(entry);
    return entry;
  }

  #make(): number {
    const entry = this.#made;
    this.#made += 1;
    const { memory } = this.#host;
    if (entry >> CHUNK_SHIFT === this.#chunks.length) {
      const left = this.definition.maxEntries - entry;
      const entries = Math.min(CHUNK_ENTRIES, left);
      this.#chunks.push(memory.allocate(entries * this.#stride, "none", `map ${this.name}`));
    }
    memory.protect(this.#keyOf(entry), this.definition.keySize, "read");
    const copies = this.#kind.perCpu ? this.#host.cpus : 1;
    for (let cpu = 0; cpu < copies; cpu += 1)
      memory.protect(this.#valueOf(entry, cpu), this.definition.valueSize, "read-write");
    return entry;
  }

  override remove(key: number): number {
    const entry = this.#keys.find(key);
    if (entry < 0) return errno.noEntry;
    this.#keys.remove(entry);
    this.#free.push(entry);
    return 0;
  }

  override visit(visitor: (key: number, value: number) => boolean): number {
    let visited = 0;
    const cpu = this.#cpu();
    for (let entry = 0; entry < this.#made; entry += 1) {
      if (!this.#keys.has(entry)) continue;
      visited += 1;
      if (!visitor(this.#keyOf(entry), this.#valueOf(entry, cpu))) break;
    }
    return visited;
  }

  override entryAt(address: number): MapEntry | null {
    const chunk = this.#chunks.findIndex(
      (start) => address >= start && address < start + CHUNK_ENTRIES * this.#stride,
    );
    if (chunk < 0) return null;
    const within = Math.floor((address - (this.#chunks[chunk] ?? 0)) / this.#stride);
    const entry = (chunk << CHUNK_SHIFT) + within;
    if (!this.#keys.has(entry)) return null;
    return { key: this.#keyOf(entry), value: this.#valueOf(entry, 0) };
  }
}
