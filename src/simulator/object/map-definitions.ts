// The maps that an object defines: `SEC(".maps")` variables, whose BTF says everything (as libbpf's
// parse_btf_map_def reads it). Called by read-object.ts, which adds the maps of global data.

import { ObjectError } from "../errors.ts";
import type { MapDefinition } from "./bpf-object.ts";
import { type Btf, btfKinds } from "./btf.ts";

export const mapTypes = {
  array: 2,
  arrayOfMaps: 12,
  hashOfMaps: 13,
  programArray: 3,
  arena: 33,
} as const;

type Fields = { -readonly [Key in keyof MapDefinition]: MapDefinition[Key] };

/** Where the initial slots of a map in map are filled from: relocations at these offsets. */
export interface ParsedMap {
  definition: Fields;
  /** The inner maps' definition, where `values` has one. */
  innerDefinition: Fields | null;
  /** Offset of `values` in the variable; null without. */
  slotsAt: number | null;
}

const sizeMax = 0xffff_ffff;

export function parseMap(name: string, variableType: number, btf: Btf): ParsedMap {
  const id = btf.resolve(variableType);
  if (btf.kind(id) !== btfKinds.struct) throw new ObjectError(`map ${name} is no structure`);
  return parseStructure(name, id, btf, true);
}

function parseStructure(name: string, id: number, btf: Btf, outer: boolean): ParsedMap {
  const map = emptyMap(name);
  const parsed: ParsedMap = { definition: map, innerDefinition: null, slotsAt: null };
  for (let index = 0; index < btf.length(id); index++) {
    const member = btf.member(id, index);
    const number = () => constant(btf, member.type, `${name}.${member.name}`);
    switch (member.name) {
      case "type":
        map.type = number();
        break;
      case "max_entries":
        map.maxEntries = number();
        break;
      case "map_flags":
        map.flags = number();
        break;
      case "map_extra":
        map.extra = BigInt(number());
        break;
      case "key_size":
        map.keySize = number();
        break;
      case "value_size":
        map.valueSize = number();
        break;
      case "key":
        map.keyType = pointee(btf, member.type, `${name}.key`);
        map.keySize = btf.size(map.keyType);
        break;
      case "value":
        map.valueType = pointee(btf, member.type, `${name}.value`);
        map.valueSize = btf.size(map.valueType);
        break;
      case "values":
        if (!outer) throw new ObjectError(`map ${name}: maps nest only once`);
        parsed.slotsAt = member.bitOffset / 8;
        parsed.innerDefinition = innerOf(name, map.type, member.type, btf);
        if (map.valueSize === 0) map.valueSize = 4;
        break;
      case "pinning":
        map.pinned = number() !== 0;
        break;
      case "numa_node":
        break;
      default:
        throw new ObjectError(`map ${name} has an unknown setting "${member.name}"`);
    }
  }
  if (map.type === 0) throw new ObjectError(`map ${name} has no type`);
  for (const size of [map.keySize, map.valueSize, map.maxEntries]) {
    if (size > sizeMax) throw new ObjectError(`map ${name} asks for ${size} of something`);
  }
  return parsed;
}

export function emptyMap(name: string): Fields {
  return {
    name,
    type: 0,
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    keyType: 0,
    valueType: 0,
    extra: 0n,
    pinned: false,
    section: null,
    initial: null,
    inner: null,
    slots: [],
  };
}

/** `__array(values, …)`: an array of pointers to a map's structure, or to programs. */
function innerOf(name: string, type: number, member: number, btf: Btf): Fields | null {
  const array = btf.resolve(member);
  if (btf.kind(array) !== btfKinds.array) throw new ObjectError(`map ${name}: values is no array`);
  const inner = btf.resolve(pointee(btf, btf.array(array).element, `${name}.values`));
  if (type === mapTypes.programArray) return null;
  if (type !== mapTypes.arrayOfMaps && type !== mapTypes.hashOfMaps) {
    throw new ObjectError(`map ${name} has values, but is no map of maps`);
  }
  if (btf.kind(inner) !== btfKinds.struct) {
    throw new ObjectError(`map ${name}: its values are no maps`);
  }
  return parseStructure(`${name}.inner`, inner, btf, false).definition;
}

/** `__uint(x, N)` is a pointer to an array of N; `__ulong(x, N)` an enum of one. */
function constant(btf: Btf, type: number, what: string): number {
  const id = btf.resolve(type);
  const kind = btf.kind(id);
  if ((kind === btfKinds.enum || kind === btfKinds.enum64) && btf.length(id) > 0) {
    return Number(btf.enumerator(id, 0).value);
  }
  if (kind === btfKinds.pointer) {
    const array = btf.resolve(btf.reference(id));
    if (btf.kind(array) === btfKinds.array) return btf.array(array).count;
  }
  throw new ObjectError(`${what} is no number: use __uint()`);
}

function pointee(btf: Btf, type: number, what: string): number {
  const id = btf.resolve(type);
  if (btf.kind(id) !== btfKinds.pointer) throw new ObjectError(`${what} is no type: use __type()`);
  return btf.reference(id);
}
