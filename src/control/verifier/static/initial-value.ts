// What a place of the policy's memory holds before anything is stored there. Called by rules.

import type { BpfObject } from "../../../simulator/object/bpf-object.ts";
import type { Cell } from "./cell.ts";

/** Of a global by its own bytes, as far as it is a number; 0 in maps and where it is an array of zeros. */
export function initialValue({ globals, maps }: BpfObject, { base, offset }: Cell): bigint {
  const variable = globals.get(base);
  const initial = variable === undefined ? null : maps[variable.map]?.initial;
  if (variable === undefined || !initial) return 0n;
  const at = variable.offset + (offset ?? 0);
  const bytes = variable.type.kind === "integer" ? variable.type.bytes : 1;
  let value = 0n;
  for (let index = bytes - 1; index >= 0; index -= 1)
    value = (value << 8n) | BigInt(initial[at + index] ?? 0);
  return value;
}
