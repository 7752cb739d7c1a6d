// The WebAssembly locals of a translated function: one per BPF register, and a few for work.

import { valueTypes } from "./wasm-writer.ts";

/** Local of r0 … r10. Arguments come in as r1 to r5. */
export const registerLocals = [5, 0, 1, 2, 3, 4, 6, 7, 8, 9, 10] as const;

export const locals = {
  /** i64 */
  wideAddress: 11,
  wide: 12,
  /** i32 */
  address: 13,
  narrow: 14,
  /** Where the dispatch loop goes on. */
  next: 15,
  rounds: 16,
} as const;

/** Groups of what follows the five parameters. */
export const localGroups = [
  [8, valueTypes.i64],
  [4, valueTypes.i32],
] as const;

export function localOf(register: number): number {
  const local = registerLocals[register];
  if (local === undefined) throw new Error(`no register ${register}`);
  return local;
}
