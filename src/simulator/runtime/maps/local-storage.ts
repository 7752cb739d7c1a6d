// Task storage and cgroup storage (kernel/bpf/bpf_local_storage.c): one value for each owner, freed with
// it. Owners are indices of tasks or cgroups. A freed value is cleared and used again for the next owner.

import type { MapDefinition } from "../../object/bpf-object.ts";
import { alignUp } from "../words.ts";
import { BpfMap, copyBytes, type MapHost } from "./bpf-map.ts";
import { checkShape } from "./limits.ts";

const CHUNK_VALUES = 64;
/** Untouchable bytes after every value. */
const GAP = 8;

export class LocalStorage extends BpfMap {
  readonly owner: "task" | "cgroup";
  readonly #host: MapHost;
  readonly #stride: number;
  /** By owner; 0 or a hole: none. */
  readonly #values: number[] = [];
  readonly #free: number[] = [];

  constructor(definition: MapDefinition, host: MapHost, owner: "task" | "cgroup") {
    super({ ...definition, maxEntries: 1 });
    checkShape(this.definition, "key");
    this.owner = owner;
    this.#host = host;
    this.#stride = alignUp(definition.valueSize, 8) + GAP;
  }

  /** Address of the owner's value; 0 where it has none. */
  get(owner: number): number {
    return this.#values[owner] ?? 0;
  }

  /** The owner's value, made if it is not there; `initial` is the address of its first content or 0. */
  getOrCreate(owner: number, initial: number): number {
    const known = this.get(owner);
    if (known !== 0) return known;
    const value = this.#free.pop() ?? this.#allocate();
    const { memory } = this.#host;
    memory.bytes.fill(0, value, value + this.definition.valueSize);
    if (initial !== 0) copyBytes(memory, value, initial, this.definition.valueSize);
    // Filled up in between: an array with holes would become a slow dictionary.
    while (this.#values.length < owner) this.#values.push(0);
    this.#values[owner] = value;
    return value;
  }

  /** Whether there was one. */
  drop(owner: number): boolean {
    const value = this.get(owner);
    if (value === 0) return false;
    this.#values[owner] = 0;
    this.#free.push(value);
    return true;
  }

  #allocate(): number {
    const { memory } = this.#host;
    const chunk = memory.allocate(CHUNK_VALUES * this.#stride, "none", `map ${this.name}`);
    for (let index = CHUNK_VALUES - 1; index >= 0; index -= 1) {
      const value = chunk + index * this.#stride;
      memory.protect(value, this.definition.valueSize, "read-write");
      this.#free.push(value);
    }
    return this.#free.pop() ?? chunk;
  }
}
