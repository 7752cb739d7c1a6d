// How arithmetic treats what came from the policy's memory: whether it can make it less, or mixes its bits.
// A counter that only grows and a flag that is only set are told from others by that. Called by arithmetic.ts.

import type { AluOperation } from "../../../simulator/machine/instruction.ts";
import { mannerSource, type Origins } from "./origins.ts";
import type { Value } from "./value.ts";

export const less = mannerSource("less");
export const mixed = mannerSource("mixed");
export const or = mannerSource("or");
/** Only its upper bits: they change once in so many steps that a test sees no change. */
export const upper = mannerSource("upper");
const upperMin = 65_536n;
/** A queue's length was multiplied. */
export const times = mannerSource("times");

const queueLength = "call:scx_bpf_dsq_nr_queued";

/** None: it only adds to it, or nothing there is of the policy's memory. */
export function mannersOf(operation: AluOperation, left: Value, right: Value): string[] {
  const manner = mannerOf(operation, left, right);
  if (manner === null) return [];
  return manner === mixed && isUpper(operation, right) ? [mixed, upper] : [manner];
}

function isUpper(operation: AluOperation, right: Value): boolean {
  if (right.region !== null || right.lo !== right.hi || right.lo === 0n) return false;
  switch (operation) {
    case "rsh":
    case "arsh":
      return 1n << right.lo >= upperMin && right.lo < 64n;
    case "div":
    case "mod":
      return right.lo >= upperMin;
    case "and":
      return (right.lo & -right.lo) >= upperMin;
    default:
      return false;
  }
}

function mannerOf(operation: AluOperation, left: Value, right: Value): string | null {
  const isScaling = operation === "mul" || operation === "lsh";
  if (
    isScaling &&
    (startsWith(left.origins, queueLength) || startsWith(right.origins, queueLength))
  )
    return times;
  if (!startsWith(left.origins, "cell:") && !startsWith(right.origins, "cell:")) return null;
  const isConstant = right.region === null && right.lo === right.hi;
  switch (operation) {
    case "mov":
      return null;
    case "add":
      return isConstant && isNegative(right.lo) ? less : null;
    case "sub":
      return less;
    case "or":
      return or;
    case "and":
      // The zero-extension of a shorter number.
      return isConstant && (right.lo & (right.lo + 1n)) === 0n && left.hi <= right.lo
        ? null
        : mixed;
    default:
      return mixed;
  }
}

/** As a 64-bit number, or as one of 32 bits. */
function isNegative(value: bigint): boolean {
  return value >= 1n << 63n || (value >= 1n << 31n && value < 1n << 32n);
}

function startsWith(origins: Origins, prefix: string): boolean {
  for (const source of origins.keys()) if (source.startsWith(prefix)) return true;
  return false;
}
