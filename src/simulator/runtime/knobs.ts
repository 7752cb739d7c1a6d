// Sets `const volatile` globals before a policy starts, as the node's loader does through .rodata.

import { KnobError } from "../errors.ts";
import type { BpfObject, GlobalVariable, MapDefinition } from "../object/bpf-object.ts";

export type KnobValue = number | boolean | string;

/** The object's maps with the knobs' values in copies of their data. Throws KnobError. */
export function withKnobs(
  object: BpfObject,
  knobs: Readonly<Record<string, KnobValue>>,
): MapDefinition[] {
  const maps = [...object.maps];
  for (const name in knobs) {
    const value = knobs[name];
    const variable = object.globals.get(name);
    const map = variable === undefined ? undefined : maps[variable.map];
    if (!variable || !map || value === undefined || !map.section?.startsWith(".rodata"))
      throw new KnobError(
        `the policy has no knob "${name}" (a const volatile global)`,
        name,
        knobNames(object),
      );
    const initial = map.initial ? Uint8Array.from(map.initial) : new Uint8Array(map.valueSize);
    initial.set(encoded(name, variable, value), variable.offset);
    maps[variable.map] = { ...map, initial };
  }
  return maps;
}

/** Names of all `const volatile` globals. */
function knobNames(object: BpfObject): string[] {
  return [...object.globals.values()]
    .filter(({ map }) => object.maps[map]?.section?.startsWith(".rodata") === true)
    .map(({ name }) => name);
}

function encoded(name: string, { type, size }: GlobalVariable, value: KnobValue): Uint8Array {
  const bytes = new Uint8Array(size);
  switch (type.kind) {
    case "text": {
      const text = new TextEncoder().encode(String(value));
      if (text.length >= size)
        throw new KnobError(`knob "${name}" has room for ${size - 1} bytes of text`, name);
      bytes.set(text);
      return bytes;
    }
    case "bool":
      bytes[0] = truth(name, value) ? 1 : 0;
      return bytes;
    case "integer": {
      const number = integer(name, value);
      const bits = size * 8;
      const fits = type.signed
        ? BigInt.asIntN(bits, number) === number
        : BigInt.asUintN(bits, number) === number;
      if (!fits) throw new KnobError(`knob "${name}" is ${bits} bits wide; ${value} is not`, name);
      for (let at = 0; at < size; at += 1) bytes[at] = Number((number >> BigInt(8 * at)) & 0xffn);
      return bytes;
    }
    default:
      throw new KnobError(`knob "${name}" is neither a number, a truth value nor text`, name);
  }
}

function truth(name: string, value: KnobValue): boolean {
  if (value === true || value === 1 || value === "true" || value === "1") return true;
  if (value === false || value === 0 || value === "false" || value === "0") return false;
  throw new KnobError(`knob "${name}" is true or false, not ${value}`, name);
}

function integer(name: string, value: KnobValue): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "string" && /^-?(0x[0-9a-fA-F]+|\d+)$/.test(value)) {
    return value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value);
  }
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw new KnobError(`knob "${name}" is a whole number, not ${value}`, name);
}
