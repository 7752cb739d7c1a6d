// The maps of an object: makes each from its definition, and finds one again by the handle that programs
// hold (the address of a small struct bpf_map that nobody may touch).

import { ObjectError } from "../../errors.ts";
import type { Unsupported } from "../../machine/calls.ts";
import type { SandboxMemory } from "../../machine/memory.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { Arena } from "./arena.ts";
import { ArrayMap } from "./array-map.ts";
import { BpfMap, type MapHost } from "./bpf-map.ts";
import { HashMap } from "./hash-map.ts";
import { LocalStorage } from "./local-storage.ts";
import { MapInMap } from "./map-in-map.ts";
import { BloomMap, QueueMap } from "./queue-map.ts";
import { RingBuffer } from "./ring-buffer.ts";

const HANDLE_BYTES = 64;

/** A kind that nobody models: exists, so that the object loads; every use answers EOPNOTSUPP. */
class UnmodelledMap extends BpfMap {}

const kinds: Readonly<Record<number, (definition: MapDefinition, host: MapHost) => BpfMap>> = {
  1: (definition, host) => new HashMap(definition, host, { perCpu: false, lru: false }),
  2: (definition, host) => new ArrayMap(definition, host, false),
  5: (definition, host) => new HashMap(definition, host, { perCpu: true, lru: false }),
  6: (definition, host) => new ArrayMap(definition, host, true),
  9: (definition, host) => new HashMap(definition, host, { perCpu: false, lru: true }),
  10: (definition, host) => new HashMap(definition, host, { perCpu: true, lru: true }),
  12: (definition, host) => new MapInMap(definition, host),
  13: (definition, host) => new MapInMap(definition, host),
  22: (definition, host) => new QueueMap(definition, host, false),
  23: (definition, host) => new QueueMap(definition, host, true),
  27: (definition, host) => new RingBuffer(definition, host),
  29: (definition, host) => new LocalStorage(definition, host, "task"),
  30: (definition, host) => new BloomMap(definition, host),
  32: (definition, host) => new LocalStorage(definition, host, "cgroup"),
  33: (definition, host) => new Arena(definition, host),
};

export class MapTable {
  readonly all: readonly BpfMap[];
  readonly unsupported: Unsupported[] = [];
  readonly #byHandle = new Map<number, BpfMap>();

  /** `typeName`: of a BPF_MAP_TYPE_* number, for messages. */
  constructor(
    definitions: readonly MapDefinition[],
    host: MapHost,
    typeName: (type: number) => string,
  ) {
    this.all = definitions.map((definition) => this.#make(definition, host, typeName));
    for (const map of this.all) {
      map.handle = handleOf(host.memory, map.name);
      this.#byHandle.set(map.handle, map);
    }
    definitions.forEach((definition, index) => {
      this.#fillSlots(definition, this.all[index]);
    });
  }

  #make(definition: MapDefinition, host: MapHost, typeName: (type: number) => string): BpfMap {
    const make = kinds[definition.type];
    if (make) return make(definition, host);
    const name = `${typeName(definition.type)} (map ${definition.name})`;
    this.unsupported.push({ kind: "map", name, program: "" });
    return new UnmodelledMap(definition);
  }

  #fillSlots(definition: MapDefinition, map: BpfMap | undefined): void {
    if (!(map instanceof MapInMap)) return;
    for (const [key, index] of definition.slots) {
      const inner = this.all[index];
      if (!inner) throw new ObjectError(`map "${map.name}" names a map that is not there`);
      map.set(key, inner);
    }
  }

  /** The map behind a handle; null where it is none. */
  find(handle: number): BpfMap | null {
    return this.#byHandle.get(handle) ?? null;
  }

  named(name: string): BpfMap | null {
    return this.all.find((map) => map.name === name) ?? null;
  }

  /** A task or cgroup is gone, and its values with it. */
  ownerFreed(kind: "task" | "cgroup", owner: number): void {
    for (const map of this.all)
      if (map instanceof LocalStorage && map.owner === kind) map.drop(owner);
  }
}

function handleOf(memory: SandboxMemory, name: string): number {
  return memory.allocate(HANDLE_BYTES, "none", `handle of map ${name}`);
}
