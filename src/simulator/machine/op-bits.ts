// The ops of a scheduler as bits of one word: which one runs, and which ones a call may be made from.

import { type OpName, opIndex } from "../core/policy-ops.ts";

/** Outside of ops: a timer's callback may make every call. */
export const everyOp = -1;

export function opBits(ops: readonly OpName[]): number {
  return ops.reduce((bits, op) => bits | (1 << opIndex[op]), 0);
}
