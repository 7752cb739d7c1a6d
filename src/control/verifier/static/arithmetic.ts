// What arithmetic makes of abstract values: ranges, small sets of constants, pointers, and which way the
// result moves with each source. Pure.

import type { AluOperation } from "../../../simulator/machine/instruction.ts";
import { arithmetic } from "../../../simulator/machine/interpreted-arithmetic.ts";
import { type Interval, intervalOf, narrow } from "./interval.ts";
import { mannersOf } from "./manner.ts";
import { elapsed, elapsedInOp, isClockCall, isTime, partOfClock } from "./moments.ts";
import { dataSources, direction, type Origins, origin, through, union } from "./origins.ts";
import { isConstant, number, numbers, pointer, type Value } from "./value.ts";

const productsMax = 16;
/** Where a kernel object lies, as a number. */
export const addressSource = "address:";

export function compute(
  operation: AluOperation,
  wide: boolean,
  left: Value,
  right: Value,
  id: number,
): Value {
  if (operation === "mov") return moved(wide, right, id);
  if (left.region !== null || right.region !== null) return onPointers(operation, left, right, id);
  const range = intervalOf(operation, wide, left, right);
  const origins = ofClock(operation, left, right, range) ?? originsOf(operation, left, right);
  if (left.set !== null && right.set !== null) {
    const [a, b] = [left.set, right.set];
    if (a.length * b.length <= productsMax) {
      const all = a.flatMap((x) => b.map((y) => arithmetic(operation, wide, x, y)));
      return { ...numbers(all, origins), id };
    }
  }
  // Masks, and flags put above a number (`SCX_DSQ_LOCAL_ON | cpu`).
  if (operation === "or" && isConstant(right)) {
    const lowest = right.lo & -right.lo;
    if (right.lo !== 0n && left.hi < lowest && wide)
      return number({ lo: right.lo + left.lo, hi: right.lo + left.hi }, origins, id);
  }
  if (operation === "or" && isConstant(left)) return compute(operation, wide, right, left, id);
  if (operation === "and" && isConstant(right) && covers(right.lo, left.hi) && wide)
    return { ...left, origins };
  return number(range, origins, id);
}

/** From 2^30 ns on, parts of a clock change too seldom for a test to see. */
const seldomNs = 1n << 30n;
/** A clock has 64 bits: what is left of them when so many of its low bits are gone. */
const seldomLeft = 1n << 35n;

/** Differences of times, and parts of one; null: neither is it. */
function ofClock(
  operation: AluOperation,
  left: Value,
  right: Value,
  range: Interval,
): Origins | null {
  if (!isTime(left.origins)) return null;
  if (operation === "sub" && isTime(right.origins)) {
    const isOwn = [...dataSources(left.origins), ...dataSources(right.origins)].every(
      (source) => isClockCall(source) || source.startsWith("knob:"),
    );
    return origin(isOwn ? elapsedInOp : elapsed);
  }
  if (!isConstant(right)) return null;
  const isPart =
    (/^(rsh|arsh|div)$/.test(operation) && left.hi > 1n << 32n && range.hi <= seldomLeft) ||
    (operation === "and" && right.lo !== 0n && (right.lo & -right.lo) >= seldomNs) ||
    (operation === "mod" && right.lo >= seldomNs);
  if (!isPart) return null;
  return union(originsOf(operation, left, right), origin(partOfClock, direction.unknown));
}

/** Whether a mask of low bits leaves all values up to `hi` as they are. */
function covers(mask: bigint, hi: bigint): boolean {
  return (mask & (mask + 1n)) === 0n && hi <= mask;
}

function moved(wide: boolean, value: Value, id: number): Value {
  if (wide || value.region !== null || value.hi < 1n << 32n) return value;
  if (value.set !== null) {
    return {
      ...numbers(
        value.set.map((each) => BigInt.asUintN(32, each)),
        value.origins,
      ),
      id,
    };
  }
  return number(narrow(value), value.origins, id);
}

function onPointers(operation: AluOperation, left: Value, right: Value, id: number): Value {
  const origins = union(left.origins, right.origins);
  const [base, change] = left.region === null ? [right, left] : [left, right];
  if (base.region === null || change.region !== null || (operation !== "add" && left !== base))
    return number(intervalOf("xor", true, topmost, topmost), origins, id);
  // Bits of where a kernel object lies: as good as a number of the task's own.
  if (!/^(add|sub)$/.test(operation) && /^(kernel|unknown)$/.test(base.region.kind))
    return number(
      change.region === null ? intervalOf(operation, true, topmost, change) : topmost,
      union(origins, origin(addressSource, direction.unknown)),
      id,
    );
  const delta = signed(change);
  // The numbers behind an iterator's pointer are no offsets.
  if (base.region.kind === "number" || delta === null || !/^(add|sub)$/.test(operation)) {
    return pointer(base.region, {
      ...{ lo: -(1n << 31n), hi: 1n << 31n },
      ...{ mayBeNull: base.mayBeNull, origins, id },
    });
  }
  const [lo, hi] = operation === "add" ? [delta.lo, delta.hi] : [-delta.hi, -delta.lo];
  const fields = { mayBeNull: base.mayBeNull, origins, id };
  return pointer(base.region, { lo: base.lo + lo, hi: base.hi + hi, ...fields });
}

const topmost = { lo: 0n, hi: 2n ** 64n - 1n };

function signed(value: Value): { lo: bigint; hi: bigint } | null {
  const [lo, hi] = [BigInt.asIntN(64, value.lo), BigInt.asIntN(64, value.hi)];
  return lo <= hi && hi < 1n << 31n && lo > -(1n << 31n) ? { lo, hi } : null;
}

/** Which way the result moves. Wrap-around is left aside, as code that compares times does. */
function originsOf(operation: AluOperation, left: Value, right: Value): Origins {
  let made = madeOf(operation, left, right);
  for (const manner of mannersOf(operation, left, right))
    made = union(made, origin(manner, direction.control));
  return made;
}

function madeOf(operation: AluOperation, left: Value, right: Value): Origins {
  const { rising, falling, unknown } = direction;
  switch (operation) {
    case "add":
      return union(left.origins, right.origins);
    case "mul":
      // `a - b * 1000` is compiled to `a + b * -1000`.
      if (isNegative(right)) return through(left.origins, falling);
      if (isNegative(left)) return through(right.origins, falling);
      return union(left.origins, right.origins);
    case "sub":
      return union(left.origins, through(right.origins, falling));
    case "div":
      return union(left.origins, through(right.origins, falling));
    case "lsh":
    case "rsh":
    case "arsh":
      return union(left.origins, through(right.origins, isConstant(right) ? rising : unknown));
    case "xor":
      // ~x
      if (isConstant(right) && (right.lo === topmost.hi || right.lo === 0xffff_ffffn))
        return through(left.origins, falling);
      return union(through(left.origins, unknown), through(right.origins, unknown));
    case "or":
      // A flag above the number.
      if (isConstant(right)) return left.origins;
      if (isConstant(left)) return right.origins;
      return union(through(left.origins, unknown), through(right.origins, unknown));
    case "and":
      if (isConstant(right) && covers(right.lo, left.hi)) return left.origins;
      return union(through(left.origins, unknown), through(right.origins, unknown));
    default:
      return union(through(left.origins, unknown), through(right.origins, unknown));
  }
}

function isNegative(value: Value): boolean {
  return isConstant(value) && value.lo >= 1n << 63n;
}

export function negated(value: Value, wide: boolean, id: number): Value {
  if (isConstant(value)) {
    const negative = BigInt.asUintN(wide ? 64 : 32, -value.lo);
    return { ...numbers([negative], through(value.origins, direction.falling)), id };
  }
  return number(
    intervalOf("xor", true, topmost, topmost),
    through(value.origins, direction.falling),
    id,
  );
}
