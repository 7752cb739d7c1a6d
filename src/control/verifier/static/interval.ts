// Arithmetic on ranges of unsigned 64-bit numbers: the result holds every value that the operation can
// give, as the kernel's verifier tracks umin and umax (kernel/bpf/verifier.c). Called by arithmetic.ts.

import type { AluOperation } from "../../../simulator/machine/instruction.ts";

export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
}

const full64 = 2n ** 64n - 1n;
const full32 = 2n ** 32n - 1n;
export const everything: Interval = { lo: 0n, hi: full64 };

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** All numbers of so many bytes. */
export function ofBytes(bytes: number): Interval {
  return { lo: 0n, hi: bytes >= 8 ? full64 : 2n ** BigInt(8 * bytes) - 1n };
}

/** The low 32 bits; what is out of their range could be anything of theirs. */
export function narrow({ lo, hi }: Interval): Interval {
  return hi <= full32 ? { lo, hi } : { lo: 0n, hi: full32 };
}

/** All bits up to the highest that `value` has. */
function filled(value: bigint): bigint {
  return 2n ** BigInt(value.toString(2).length) - 1n;
}

export function intervalOf(
  operation: AluOperation,
  wide: boolean,
  left: Interval,
  right: Interval,
): Interval {
  const a = wide ? left : narrow(left);
  const b = wide ? right : narrow(right);
  const top = wide ? full64 : full32;
  const exact = compute(operation, a, b, wide ? 63n : 31n, top);
  return exact === null || exact.lo < 0n || exact.hi > top ? { lo: 0n, hi: top } : exact;
}

/** Null or beyond the bits: nothing is known. */
function compute(
  operation: AluOperation,
  a: Interval,
  b: Interval,
  bitsLast: bigint,
  top: bigint,
): Interval | null {
  switch (operation) {
    case "mov":
      return b;
    case "add":
      // A small negative constant.
      if (b.lo === b.hi && b.lo > top / 2n) {
        const less = top + 1n - b.lo;
        return { lo: a.lo - less, hi: a.hi - less };
      }
      return { lo: a.lo + b.lo, hi: a.hi + b.hi };
    case "sub":
      return { lo: a.lo - b.hi, hi: a.hi - b.lo };
    case "mul":
      return { lo: a.lo * b.lo, hi: a.hi * b.hi };
    case "div":
      if (b.hi === 0n) return { lo: 0n, hi: 0n };
      return { lo: b.lo === 0n ? 0n : a.lo / b.hi, hi: a.hi / (b.lo === 0n ? 1n : b.lo) };
    case "mod":
      return b.lo === 0n ? { lo: 0n, hi: a.hi } : { lo: 0n, hi: least(a.hi, b.hi - 1n) };
    case "and":
      return { lo: 0n, hi: least(a.hi, b.hi) };
    case "or":
      return { lo: greatest(a.lo, b.lo), hi: filled(a.hi | b.hi) };
    case "xor":
      return { lo: 0n, hi: filled(a.hi | b.hi) };
    case "lsh":
      return b.hi > bitsLast ? null : { lo: a.lo << b.lo, hi: a.hi << b.hi };
    case "rsh":
      return b.hi > bitsLast ? { lo: 0n, hi: a.hi } : { lo: a.lo >> b.hi, hi: a.hi >> b.lo };
    case "arsh":
      if (a.hi > top / 2n || b.hi > bitsLast) return null;
      return { lo: a.lo >> b.hi, hi: a.hi >> b.lo };
    default:
      return null;
  }
}
