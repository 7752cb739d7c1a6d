// Queue and stack (kernel/bpf/queue_stack_maps.c), and the bloom filter (kernel/bpf/bloom_filter.c),
// which here never answers "maybe" for what was not added.

import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { alignUp } from "../words.ts";
import { BpfMap, copyBytes, type MapHost, updateFlags } from "./bpf-map.ts";
import { checkBytes, checkShape } from "./limits.ts";

export class QueueMap extends BpfMap {
  readonly #host: MapHost;
  readonly #lastInFirstOut: boolean;
  readonly #base: number;
  readonly #stride: number;
  #first = 0;
  #length = 0;

  constructor(definition: MapDefinition, host: MapHost, lastInFirstOut: boolean) {
    super(definition);
    checkShape(definition, "no-key");
    this.#host = host;
    this.#lastInFirstOut = lastInFirstOut;
    this.#stride = alignUp(definition.valueSize, 8);
    checkBytes(definition.name, this.#stride * definition.maxEntries);
    // Programs only ever get copies.
    this.#base = host.memory.allocate(
      this.#stride * definition.maxEntries,
      "none",
      `map ${definition.name}`,
    );
  }

  #slot(position: number): number {
    return this.#base + ((this.#first + position) % this.definition.maxEntries) * this.#stride;
  }

  override push(value: number, flags: number): number {
    if (flags !== updateFlags.any && flags !== updateFlags.exist) return errno.invalid;
    if (this.#length === this.definition.maxEntries) {
      if (flags !== updateFlags.exist) return errno.tooBig;
      this.#first = (this.#first + 1) % this.definition.maxEntries;
      this.#length -= 1;
    }
    copyBytes(this.#host.memory, this.#slot(this.#length), value, this.definition.valueSize);
    this.#length += 1;
    return 0;
  }

  override pop(value: number): number {
    const error = this.peek(value);
    if (error) return error;
    this.#length -= 1;
    if (!this.#lastInFirstOut) this.#first = (this.#first + 1) % this.definition.maxEntries;
    return 0;
  }

  override peek(value: number): number {
    const { memory } = this.#host;
    if (this.#length === 0) {
      memory.bytes.fill(0, value, value + this.definition.valueSize);
      return errno.noEntry;
    }
    const position = this.#lastInFirstOut ? this.#length - 1 : 0;
    copyBytes(memory, value, this.#slot(position), this.definition.valueSize);
    return 0;
  }
}

export class BloomMap extends BpfMap {
  readonly #host: MapHost;
  readonly #members = new Set<string>();

  constructor(definition: MapDefinition, host: MapHost) {
    super(definition);
    checkShape(definition, "no-key");
    this.#host = host;
  }

  #text(value: number): string {
    const { bytes } = this.#host.memory;
    return String.fromCharCode(...bytes.subarray(value, value + this.definition.valueSize));
  }

  override push(value: number, flags: number): number {
    if (flags !== updateFlags.any) return errno.invalid;
    // Beyond max_entries the kernel's only becomes less sharp; here it stops growing.
    if (this.#members.size < this.definition.maxEntries) this.#members.add(this.#text(value));
    return 0;
  }

  override peek(value: number): number {
    return this.#members.has(this.#text(value)) ? 0 : errno.noEntry;
  }
}
