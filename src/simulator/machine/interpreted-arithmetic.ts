// Arithmetic of the reference interpreter on unsigned 64-bit BigInts, straight from the rules of RFC
// 9669. Shares nothing with the translator but the names of operations.

import type { AluOperation, AtomicOperation, Condition } from "./instruction.ts";

/** The new value of a register; 32-bit operations clear its upper half. */
export function arithmetic(
  operation: AluOperation,
  wide: boolean,
  left: bigint,
  right: bigint,
): bigint {
  const bits = wide ? 64 : 32;
  const a = BigInt.asUintN(bits, left);
  const b = BigInt.asUintN(bits, right);
  return BigInt.asUintN(bits, compute(operation, bits, a, b));
}

function compute(operation: AluOperation, bits: number, a: bigint, b: bigint): bigint {
  const signed = (value: bigint) => BigInt.asIntN(bits, value);
  const count = b & BigInt(bits - 1);
  switch (operation) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return b === 0n ? 0n : a / b;
    case "sdiv":
      return b === 0n ? 0n : signed(a) / signed(b);
    case "mod":
      return b === 0n ? a : a % b;
    case "smod":
      return b === 0n ? a : signed(a) % signed(b);
    case "or":
      return a | b;
    case "and":
      return a & b;
    case "xor":
      return a ^ b;
    case "mov":
      return b;
    case "lsh":
      return a << count;
    case "rsh":
      return a >> count;
    case "arsh":
      return signed(a) >> count;
  }
}

export function holds(condition: Condition, wide: boolean, left: bigint, right: bigint): boolean {
  const bits = wide ? 64 : 32;
  const [a, b] = [BigInt.asUintN(bits, left), BigInt.asUintN(bits, right)];
  const [x, y] = [BigInt.asIntN(bits, left), BigInt.asIntN(bits, right)];
  switch (condition) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "set":
      return (a & b) !== 0n;
    case "sgt":
      return x > y;
    case "sge":
      return x >= y;
    case "slt":
      return x < y;
    case "sle":
      return x <= y;
  }
}

/** to_le, to_be and bswap: what is above the width is cleared. */
export function reorder(value: bigint, bits: number, swap: boolean): bigint {
  const cut = BigInt.asUintN(bits, value);
  if (!swap) return cut;
  let swapped = 0n;
  for (let at = 0; at < bits; at += 8) {
    swapped |= ((cut >> BigInt(at)) & 0xffn) << BigInt(bits - 8 - at);
  }
  return swapped;
}

/** What an atomic operation leaves in memory. */
export function modified(operation: AtomicOperation, old: bigint, operand: bigint): bigint {
  switch (operation) {
    case "add":
      return old + operand;
    case "or":
      return old | operand;
    case "and":
      return old & operand;
    case "xor":
      return old ^ operand;
    default:
      return operand;
  }
}
