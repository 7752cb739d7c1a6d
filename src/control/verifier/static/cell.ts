// Places in the memory that a policy shares between its callbacks: globals, map values, objects of its own,
// and the kernel's fields that it may write. The data flow does not follow what is in them from callback
// to callback; it notes what is stored where, and rules look through (provenance.ts).

import type { BpfObject, GlobalVariable } from "../../../simulator/object/bpf-object.ts";
import { btfKinds } from "../../../simulator/object/btf.ts";

export interface Cell {
  /** A global variable, a map ("map tasks"), a heap type, or a kernel field's path. */
  readonly base: string;
  /** In the base; null: some element of an array, or not known. */
  readonly offset: number | null;
}

export function cellId({ base, offset }: Cell): string {
  return offset === null ? `${base}[]` : `${base}+${offset}`;
}

/** The inverse of cellId(). */
export function cellOf(id: string): Cell {
  if (id.endsWith("[]")) return { base: id.slice(0, -2), offset: null };
  const at = id.lastIndexOf("+");
  return { base: id.slice(0, at), offset: Number(id.slice(at + 1)) };
}

/** Global variables by the place of their bytes. */
export class GlobalTable {
  readonly #byMap = new Map<number, GlobalVariable[]>();
  readonly #object: BpfObject;

  constructor(object: BpfObject) {
    this.#object = object;
    for (const variable of object.globals.values()) {
      const list = this.#byMap.get(variable.map);
      if (list === undefined) this.#byMap.set(variable.map, [variable]);
      else list.push(variable);
    }
    for (const list of this.#byMap.values()) list.sort((a, b) => a.offset - b.offset);
  }

  at(map: number, offset: number): GlobalVariable | null {
    const list = this.#byMap.get(map) ?? [];
    return list.find((each) => offset >= each.offset && offset < each.offset + each.size) ?? null;
  }

  /** Of bytes [lo, hi] of a map's value. */
  cell(map: number, lo: number, hi: number): Cell {
    const definition = this.#object.maps[map];
    if (definition?.section === null || definition === undefined)
      return { base: `map ${definition?.name ?? map}`, offset: lo === hi ? lo : null };
    const variable = this.at(map, lo) ?? this.at(map, hi);
    if (variable === null) return { base: definition.section, offset: lo === hi ? lo : null };
    const { btf } = this.#object;
    const isArray = btf.kind(btf.resolve(variable.typeId)) === btfKinds.array;
    return {
      base: variable.name,
      offset: lo === hi && !isArray ? lo - variable.offset : null,
    };
  }
}
