// An abstract value: all that a register or stack slot can hold at a point, as a small set of constants,
// a range, or a pointer into a region, with its origins. Immutable.

import { everything, greatest, type Interval, least, ofBytes } from "./interval.ts";
import {
  direction,
  hasSource,
  mannerSource,
  noOrigins,
  type Origins,
  origin,
  sameOrigins,
  union,
} from "./origins.ts";
import { type Region, unknownRegion } from "./region.ts";

export interface Value {
  /** Null: a number. */
  readonly region: Region | null;
  /** Of a number, its range (unsigned); of a pointer, its offset (signed). */
  readonly lo: bigint;
  readonly hi: bigint;
  /** A pointer that may be NULL instead. */
  readonly mayBeNull: boolean;
  /** All the values that a number can have, ascending, where these are few. */
  readonly set: readonly bigint[] | null;
  readonly origins: Origins;
  /** Values of one id are the same at run time: what a branch tells of one holds for all. 0: none. */
  readonly id: number;
}

const setMax = 8;
/** Offsets beyond this are as good as unknown. */
const offsetMax = 1n << 31n;

export function constant(value: bigint, origins: Origins = noOrigins): Value {
  return { region: null, lo: value, hi: value, mayBeNull: false, set: [value], origins, id: 0 };
}

export function number(range: Interval, origins: Origins = noOrigins, id = 0): Value {
  if (range.lo === range.hi) return { ...constant(range.lo, origins), id };
  return { region: null, lo: range.lo, hi: range.hi, mayBeNull: false, set: null, origins, id };
}

export function numbers(values: readonly bigint[], origins: Origins): Value {
  const set = [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [lo, hi] = [set[0] ?? 0n, set.at(-1) ?? 0n];
  if (set.length > setMax) return number({ lo, hi }, origins);
  return { region: null, lo, hi, mayBeNull: false, set, origins, id: 0 };
}

export function pointer(
  region: Region,
  fields: { lo?: bigint; hi?: bigint; mayBeNull?: boolean; origins?: Origins; id?: number } = {},
): Value {
  const { lo = 0n, hi = lo, mayBeNull = false, origins = noOrigins, id = 0 } = fields;
  if (lo < -offsetMax || hi > offsetMax) {
    return { region, lo: -offsetMax, hi: offsetMax, mayBeNull, set: null, origins, id };
  }
  return { region, lo, hi, mayBeNull, set: null, origins, id };
}

export const anything: Value = number(everything);

/** Unknown, of so many bytes. */
export function unknownOf(bytes: number, origins: Origins, id = 0): Value {
  return number(ofBytes(bytes), origins, id);
}

export function isConstant(value: Value): boolean {
  return value.region === null && value.lo === value.hi;
}

export function isZero(value: Value): boolean {
  return value.region === null && value.hi === 0n;
}

export function sameValue(a: Value, b: Value): boolean {
  return (
    a === b ||
    (a.region === b.region &&
      a.lo === b.lo &&
      a.hi === b.hi &&
      a.mayBeNull === b.mayBeNull &&
      a.id === b.id &&
      sameSet(a.set, b.set) &&
      sameOrigins(a.origins, b.origins))
  );
}

function sameSet(a: readonly bigint[] | null, b: readonly bigint[] | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.length !== b.length) return false;
  return a.every((each, index) => each === b[index]);
}

/**
 * What is one or the other. `id`: for a join of different values, the new one's; `implied`: what decided
 * which of the two it is.
 */
export function joinValues(
  a: Value,
  b: Value,
  id = 0,
  implied: (() => Origins) | null = null,
): Value {
  if (a === b || sameValue(a, b)) return a;
  const same = a.id === b.id && a.id !== 0;
  let origins = union(a.origins, b.origins);
  if (!same && implied !== null && differ(a, b)) origins = union(origins, implied());
  if (!same) origins = union(origins, constantsOf(a, b));
  const kept = same ? a.id : id;
  if (a.region === null && b.region === null) {
    if (a.set !== null && b.set !== null)
      return { ...numbers([...a.set, ...b.set], origins), id: kept };
    return number({ lo: least(a.lo, b.lo), hi: greatest(a.hi, b.hi) }, origins, kept);
  }
  if (a.region === null || b.region === null) {
    const [scalar, other] = a.region === null ? [a, b] : [b, a];
    if (isZero(scalar)) return { ...other, mayBeNull: true, origins, id: kept };
    return { ...anything, origins, id: kept };
  }
  const mayBeNull = a.mayBeNull || b.mayBeNull;
  if (a.region !== b.region) return pointer(unknownRegion, { mayBeNull, origins, id: kept });
  return pointer(a.region, {
    ...{ lo: least(a.lo, b.lo), hi: greatest(a.hi, b.hi) },
    ...{ mayBeNull, origins, id: kept },
  });
}

/** The few constants that one of them is, where the other is from the policy's memory. */
function constantsOf(a: Value, b: Value): Origins {
  if ((a.set === null) === (b.set === null)) return noOrigins;
  const [known, other] = a.set === null ? [b, a] : [a, b];
  if (other.region !== null || !hasSource(other.origins, "cell:")) return noOrigins;
  let found = noOrigins;
  for (const each of known.set ?? [])
    found = union(found, origin(mannerSource(`const ${each}`), direction.control));
  return found;
}

/** Whether they differ in more than their origins and ids. */
function differ(a: Value, b: Value): boolean {
  return a.region !== b.region || a.lo !== b.lo || a.hi !== b.hi || a.id === 0 || a.id !== b.id;
}

/** At a loop's head: a bound that still moves is given up, so that the loop ends. */
export function widenValue(older: Value, newer: Value): Value {
  if (older === newer || sameValue(older, newer)) return newer;
  if (newer.region !== null) {
    if (older.region !== newer.region || (older.lo === newer.lo && older.hi === newer.hi))
      return newer;
    return { ...newer, lo: -offsetMax, hi: offsetMax };
  }
  if (older.region !== null || (older.lo === newer.lo && older.hi === newer.hi)) return newer;
  const bits = newer.hi < 1n << 32n ? (1n << 32n) - 1n : everything.hi;
  const range = {
    lo: newer.lo < older.lo ? 0n : newer.lo,
    hi: newer.hi > older.hi ? bits : newer.hi,
  };
  return number(range, newer.origins, newer.id);
}
