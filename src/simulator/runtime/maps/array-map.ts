// Array and per-CPU array (kernel/bpf/arraymap.c), and with one entry the global data of an object.
// Untouched pages cost nothing: the whole array is one allocation that nobody clears.

import { ObjectError } from "../../errors.ts";
import type { Access } from "../../machine/memory.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { alignUp } from "../words.ts";
import { BpfMap, copyBytes, type MapEntry, type MapHost, updateFlags } from "./bpf-map.ts";
import { checkBytes, checkShape, MAP_BYTES_MAX, PER_CPU_BYTES_MAX } from "./limits.ts";

const BPF_F_RDONLY_PROG = 0x80;

export class ArrayMap extends BpfMap {
  readonly #host: MapHost;
  readonly #base: number;
  readonly #stride: number;
  /** Distance between the copies of two CPUs; 0 for a plain array. */
  readonly #cpuStride: number;
  /** Where visit() and timers find the index as a key. */
  readonly #key: number;

  constructor(definition: MapDefinition, host: MapHost, perCpu: boolean) {
    super(definition);
    checkShape(definition, "no-key", perCpu ? PER_CPU_BYTES_MAX : MAP_BYTES_MAX);
    if (definition.keySize !== 4)
      throw new ObjectError(`map "${definition.name}" is an array with keys of other than 4 bytes`);
    this.#host = host;
    const { maxEntries, valueSize, flags, name, initial } = definition;
    this.#stride = alignUp(valueSize, 8);
    this.#cpuStride = perCpu ? this.#stride * maxEntries : 0;
    const bytes = perCpu
      ? this.#cpuStride * host.cpus
      : this.#stride * (maxEntries - 1) + valueSize;
    checkBytes(name, bytes);
    const access: Access = flags & BPF_F_RDONLY_PROG ? "read" : "read-write";
    this.#base = host.memory.allocate(bytes, access, `map ${name}`);
    this.#key = host.memory.allocate(8, "read", `key of map ${name}`);
    if (initial) {
      if (initial.length > bytes)
        throw new ObjectError(`map "${name}" has more data than its value is long`);
      host.memory.bytes.set(initial, this.#base);
    }
  }

  override get start(): number {
    return this.#base;
  }

  override lookup(key: number): number {
    return this.#cpuStride === 0 ? this.#at(key, 0) : this.#at(key, this.#host.currentCpu());
  }

  override lookupOnCpu(key: number, cpu: number): number {
    if (this.#cpuStride === 0 || cpu >= this.#host.cpus) return 0;
    return this.#at(key, cpu);
  }

  #at(key: number, cpu: number): number {
    const index = this.#host.memory.view.getUint32(key, true);
    if (index >= this.definition.maxEntries) return 0;
    return this.#base + cpu * this.#cpuStride + index * this.#stride;
  }

  override update(key: number, value: number, flags: number): number {
    if (flags > updateFlags.exist) return errno.invalid;
    const to = this.lookup(key);
    if (to === 0) return errno.tooBig;
    if (flags === updateFlags.noExist) return errno.exists;
    copyBytes(this.#host.memory, to, value, this.definition.valueSize);
    return 0;
  }

  override remove(): number {
    return errno.invalid;
  }

  override visit(visitor: (key: number, value: number) => boolean): number {
    const cpu = this.#cpuStride === 0 ? 0 : this.#host.currentCpu();
    for (let index = 0; index < this.definition.maxEntries; index += 1) {
      this.#host.memory.view.setUint32(this.#key, index, true);
      const value = this.#base + cpu * this.#cpuStride + index * this.#stride;
      if (!visitor(this.#key, value)) return index + 1;
    }
    return this.definition.maxEntries;
  }

  override entryAt(address: number): MapEntry | null {
    const index = Math.floor((address - this.#base) / this.#stride);
    if (this.#cpuStride !== 0 || index < 0 || index >= this.definition.maxEntries) return null;
    this.#host.memory.view.setUint32(this.#key, index, true);
    return { key: this.#key, value: this.#base + index * this.#stride };
  }
}
