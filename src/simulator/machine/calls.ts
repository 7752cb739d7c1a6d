// How a translated BPF program calls out: helpers (by number) and kfuncs (by name). One entry declares
// the machine-level signature and the implementation; the translator makes a WebAssembly import of it.
//
// 64-bit values never become BigInt. An argument `u64` arrives as two unsigned halves, low first; `ptr`,
// `u32`, `s32` and `bool` as one number (ptr: address in linear memory, 0 is NULL; `u32` and the halves
// cross as f64, because WebAssembly hands an i32 to JavaScript as a signed number). A result `u64` is
// the low half, with the high half stored by `setHigh` before returning; `ns` is a whole number below
// 2^53; `s32` is sign-extended into r0; `ptr`, `u32`, `bool` zero-extended; `void` leaves 0.

import type { OpName } from "../core/policy-ops.ts";

export type ArgumentType = "ptr" | "u32" | "s32" | "bool" | "u64";
export type ResultType = "ptr" | "u32" | "s32" | "bool" | "u64" | "ns" | "void";

export interface Call {
  readonly name: string;
  readonly arguments: readonly ArgumentType[];
  readonly result: ResultType;
  /** Ops that may call it, as the kernel has it; null: any. From another one it answers 0 (Machine.run). */
  readonly ops: readonly OpName[] | null;
  readonly run: (...values: number[]) => number | undefined;
}

export interface CallTable {
  readonly helpers: ReadonlyMap<number, Call>;
  /** By name without any `___suffix`. */
  readonly kfuncs: ReadonlyMap<string, Call>;
}

/** Something that the simulator does not model, by name: makes the outcome inconclusive. */
export interface Unsupported {
  kind: "helper" | "kfunc" | "map" | "instruction" | "ksym" | "program" | "feature";
  name: string;
  /** Program that needs it. */
  program: string;
}
