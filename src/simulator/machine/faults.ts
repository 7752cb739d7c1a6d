// Words for what a program did wrong, with the instruction and the C line. Called by instantiate.ts and
// interpreter.ts, so that both say the same.

import { ProgramFault } from "../errors.ts";
import type { BpfObject } from "../object/bpf-object.ts";
import { decode } from "./instruction.ts";
import { framesMax, nullZoneBytes } from "./layout.ts";
import type { SandboxMemory } from "./memory.ts";
import { whyUnsupported } from "./unsupported.ts";

export interface Place {
  readonly object: BpfObject;
  /** Index of the function; -1 where it is not known. */
  readonly function: number;
  readonly instruction: number;
}

export function fault(
  { object, function: index, instruction }: Place,
  kind: ProgramFault["kind"],
  message: string,
): ProgramFault {
  const of = object.functions[index];
  const program = of?.name ?? "?";
  const location = of?.lineAt(instruction) ?? null;
  const where = location === null ? "" : ` (${location.file}:${location.line}: ${location.text})`;
  return new ProgramFault(`${program}: ${message}${where}`, {
    kind,
    program,
    instruction,
    location,
  });
}

/** `address` as the unsigned 64-bit number that the program used. */
export function accessFault(
  place: Place,
  memory: SandboxMemory,
  access: { address: bigint; bytes: number; writes: boolean },
): ProgramFault {
  const { address, bytes, writes } = access;
  const size = bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const near = Number(address);
  if (writes && address < BigInt(nullZoneBytes)) {
    const what = near === 0 ? "NULL" : `NULL + ${near}`;
    return fault(place, "null-store", `writes ${size} through a null pointer (${what})`);
  }
  const known = address < 2n ** 31n;
  const what = known ? memory.describe(near) : `0x${address.toString(16)}, which is no memory`;
  if (writes && known && memory.allows(near, bytes, "read")) {
    return fault(place, "read-only", `writes ${size} to ${what}, which is read-only`);
  }
  return fault(place, "out-of-bounds", `${writes ? "writes" : "reads"} ${size} at ${what}`);
}

/** The kernel's PROBE_MEM gives 0 for NULL with any offset, small ones below it too. */
export function readsZero(address: bigint): boolean {
  return address >= 2n ** 64n - 4096n;
}

export function fuelFault(place: Place): ProgramFault {
  return fault(place, "out-of-fuel", "runs without an end in sight: its fuel is used up");
}

export function framesFault(place: Place): ProgramFault {
  return fault(place, "out-of-bounds", `more than ${framesMax} calls deep`);
}

export function unsupportedFault(place: Place): ProgramFault {
  const { object, instruction } = place;
  const of = object.functions[place.function];
  const code = of === undefined ? [] : decode(of);
  const why = whyUnsupported(object, code[instruction], of?.references.get(instruction));
  return fault(place, "unsupported", why);
}
