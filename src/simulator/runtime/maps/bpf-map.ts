// What a BPF map is to the helpers that use it. Keys and values are addresses in linear memory; errors
// are negative errno values, as the kernel's map operations answer them. One class per kind beside this.

import type { SandboxMemory } from "../../machine/memory.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";

/** BPF_ANY, BPF_NOEXIST, BPF_EXIST; BPF_F_LOCK is taken off before. */
export const updateFlags = { any: 0, noExist: 1, exist: 2, lock: 4 } as const;

/** What maps need of the run. */
export interface MapHost {
  readonly memory: SandboxMemory;
  readonly cpus: number;
  currentCpu(): number;
}

export interface MapEntry {
  key: number;
  value: number;
}

export abstract class BpfMap {
  readonly definition: MapDefinition;
  /** What programs hold as a pointer to it. */
  handle = 0;

  constructor(definition: MapDefinition) {
    this.definition = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Address of the value; 0 where there is none. */
  lookup(_key: number): number {
    return 0;
  }
  lookupOnCpu(_key: number, _cpu: number): number {
    return 0;
  }
  update(_key: number, _value: number, _flags: number): number {
    return errno.notSupported;
  }
  remove(_key: number): number {
    return errno.notSupported;
  }
  push(_value: number, _flags: number): number {
    return errno.notSupported;
  }
  pop(_value: number): number {
    return errno.notSupported;
  }
  peek(_value: number): number {
    return errno.notSupported;
  }
  /** Entries until `visitor` answers false; how many were visited, or an errno. */
  visit(_visitor: (key: number, value: number) => boolean): number {
    return errno.invalid;
  }
  /** The entry whose value holds this address (bpf_timer, bpf_wq). */
  entryAt(_address: number): MapEntry | null {
    return null;
  }
  /** Where the one value of global data, or an arena, starts. */
  get start(): number {
    return 0;
  }
}

/** Copies bytes between two places in linear memory. */
export function copyBytes(memory: SandboxMemory, to: number, from: number, size: number): void {
  memory.bytes.copyWithin(to, from, from + size);
}
