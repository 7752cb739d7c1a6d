// Ring buffer (kernel/bpf/ringbuf.c). There is no reader in the simulation: a record counts as read the
// moment it is submitted, so the buffer is full only for what is reserved at the same time. Contents are
// dropped; how many records and bytes went through is kept.

import { ObjectError } from "../../errors.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { alignUp } from "../words.ts";
import { BpfMap, type MapHost } from "./bpf-map.ts";
import { checkBytes } from "./limits.ts";

const HEADER = 8;
/** BPF_RB_AVAIL_DATA, BPF_RB_RING_SIZE, BPF_RB_CONS_POS, BPF_RB_PROD_POS. */
const query = { available: 0, size: 1, consumed: 2, produced: 3 } as const;

export class RingBuffer extends BpfMap {
  readonly #host: MapHost;
  readonly #base: number;
  readonly #size: number;
  /** Sizes of the records that are reserved, by address. */
  readonly #reserved = new Map<number, number>();
  #position = 0;
  #produced = 0;
  records = 0;

  constructor(definition: MapDefinition, host: MapHost) {
    super(definition);
    const size = definition.maxEntries;
    if (size < 4096 || (size & (size - 1)) !== 0)
      throw new ObjectError(
        `map "${definition.name}" is a ring buffer of ${size} bytes: not a power of two of whole pages`,
      );
    checkBytes(definition.name, size);
    this.#host = host;
    this.#size = size;
    this.#base = host.memory.allocate(size, "none", `map ${definition.name}`);
  }

  /** Address of a new record; 0 where there is no room for it. */
  reserve(size: number): number {
    const bytes = alignUp(size, 8) + HEADER;
    if (this.#reserved.size === 0) this.#position = 0;
    if (size < 1 || this.#position + bytes > this.#size) return 0;
    const record = this.#base + this.#position + HEADER;
    this.#position += bytes;
    this.#reserved.set(record, size);
    this.#host.memory.protect(record, size, "read-write");
    return record;
  }

  /** Whether this is a record that was reserved here. */
  finish(record: number, keep: boolean): boolean {
    const size = this.#reserved.get(record);
    if (size === undefined) return false;
    this.#reserved.delete(record);
    this.#host.memory.protect(record, size, "none");
    this.#host.memory.bytes.fill(0, record, record + size);
    if (keep) this.#count(size);
    return true;
  }

  /** bpf_ringbuf_output: whether it fits. */
  output(size: number): boolean {
    if (size + HEADER > this.#size) return false;
    this.#count(size);
    return true;
  }

  #count(size: number): void {
    this.records += 1;
    this.#produced += alignUp(size, 8) + HEADER;
  }

  query(what: number): number {
    if (what === query.size) return this.#size;
    if (what === query.consumed || what === query.produced) return this.#produced;
    return 0;
  }
}
