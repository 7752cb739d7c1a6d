// Global variables: which bytes of which data map belong to a name, and of what type they are, so that
// knobs can be set before load. Called by read-object.ts.

import { ObjectError } from "../errors.ts";
import type { GlobalType, GlobalVariable } from "./bpf-object.ts";
import { type Btf, btfKinds } from "./btf.ts";
import { bindings, type ElfSymbol, symbolTypes } from "./elf.ts";

/** Sections whose bytes become an array map of one value. */
export function isDataSection(name: string): boolean {
  return /^\.(data|rodata|bss)(\.|$)/.test(name) || name === ".addr_space.1";
}

/**
 * By name. `mapOf` tells the map of a section index and the offset of its bytes in it. BTF gives types;
 * places come from the symbols, as BTF's own offsets are only filled in by a linker.
 */
export function readGlobals(
  symbols: readonly ElfSymbol[],
  btf: Btf,
  mapOf: ReadonlyMap<number, { map: number; offset: number; section: string; size: number }>,
): Map<string, GlobalVariable> {
  const types = variableTypes(btf);
  const found = new Map<string, GlobalVariable>();
  for (const symbol of symbols) {
    const place = mapOf.get(symbol.section);
    if (place === undefined || symbol.type !== symbolTypes.object || symbol.name === "") continue;
    if (found.has(symbol.name) && symbol.binding === bindings.local) continue;
    const typeId = types.get(`${place.section}\n${symbol.name}`) ?? 0;
    if (symbol.value > place.size || symbol.size > place.size - symbol.value) {
      throw new ObjectError(`the variable ${symbol.name} lies outside ${place.section}`);
    }
    found.set(symbol.name, {
      name: symbol.name,
      map: place.map,
      offset: place.offset + symbol.value,
      size: symbol.size,
      type: describeType(btf, typeId, symbol.size),
      typeId,
    });
  }
  return found;
}

function variableTypes(btf: Btf): Map<string, number> {
  const found = new Map<string, number>();
  for (let id = 1; id <= btf.typeCount; id++) {
    if (btf.kind(id) !== btfKinds.dataSection) continue;
    const section = btf.name(id);
    for (let index = 0; index < btf.length(id); index++) {
      const variable = btf.sectionVariable(id, index).type;
      if (btf.kind(variable) !== btfKinds.variable) continue;
      const key = `${section}\n${btf.name(variable)}`;
      if (!found.has(key)) found.set(key, btf.reference(variable));
    }
  }
  return found;
}

function describeType(btf: Btf, typeId: number, bytes: number): GlobalType {
  const id = btf.resolve(typeId);
  const kind = btf.kind(id);
  const scalar = bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8;
  if (kind === btfKinds.enum || kind === btfKinds.enum64) {
    return scalar ? { kind: "integer", bytes, signed: btf.kindFlag(id) } : { kind: "other", bytes };
  }
  if (kind === btfKinds.int && scalar) {
    const { encoding } = btf.int(id);
    if ((encoding & 4) !== 0) return { kind: "bool", bytes };
    return { kind: "integer", bytes, signed: (encoding & 1) !== 0 };
  }
  if (kind === btfKinds.array) {
    const element = btf.resolve(btf.array(id).element);
    if (btf.name(element) === "char") return { kind: "text", bytes };
  }
  return { kind: "other", bytes };
}
