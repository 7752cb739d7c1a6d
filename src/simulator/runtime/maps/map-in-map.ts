// Array and hash of maps (kernel/bpf/map_in_map.c): values are handles of other maps, set by the object
// itself at load. Programs only look them up.

import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { BpfMap, type MapHost } from "./bpf-map.ts";
import { checkShape } from "./limits.ts";

export class MapInMap extends BpfMap {
  readonly #host: MapHost;
  readonly #inner = new Map<string, BpfMap>();

  constructor(definition: MapDefinition, host: MapHost) {
    super({ ...definition, valueSize: definition.valueSize || 4 });
    checkShape(this.definition, "key");
    this.#host = host;
  }

  /** `key` as a number: that is how an initialiser names a slot. */
  set(key: number, map: BpfMap): void {
    const bytes = new Uint8Array(this.definition.keySize);
    new DataView(bytes.buffer).setUint8(0, key & 0xff);
    for (let at = 0, rest = key; at < bytes.length; at += 1, rest = Math.floor(rest / 256))
      bytes[at] = rest & 0xff;
    this.#inner.set(bytes.join(), map);
  }

  override lookup(key: number): number {
    const bytes = this.#host.memory.bytes.subarray(key, key + this.definition.keySize);
    return this.#inner.get(bytes.join())?.handle ?? 0;
  }

  override update(): number {
    return errno.perm;
  }

  override remove(): number {
    return errno.perm;
  }
}
