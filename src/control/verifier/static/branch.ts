// What a branch tells: whether it can go either way, and what holds of the compared values on each. Pure
// but for the states it narrows.

import type { Condition } from "../../../simulator/machine/instruction.ts";
import { holds } from "../../../simulator/machine/interpreted-arithmetic.ts";
import { greatest, least } from "./interval.ts";
import type { State } from "./state.ts";
import { constant, isZero, number, numbers, type Value } from "./value.ts";

const opposite: Readonly<Record<Condition, Condition | null>> = {
  ...{ eq: "ne", ne: "eq", gt: "le", le: "gt", ge: "lt", lt: "ge" },
  ...{ sgt: "sle", sle: "sgt", sge: "slt", slt: "sge", set: null },
};
const mirrored: Readonly<Record<Condition, Condition>> = {
  ...{ eq: "eq", ne: "ne", gt: "lt", lt: "gt", ge: "le", le: "ge" },
  ...{ sgt: "slt", slt: "sgt", sge: "sle", sle: "sge", set: "set" },
};

/** [can be true, can be false] */
export function outcomes(
  condition: Condition,
  wide: boolean,
  left: Value,
  right: Value,
): [boolean, boolean] {
  if (left.region !== null || right.region !== null) return ofPointers(condition, left, right);
  if (left.set !== null && right.set !== null && left.set.length * right.set.length <= 32) {
    let [yes, no] = [false, false];
    for (const a of left.set)
      for (const b of right.set)
        if (holds(condition, wide, a, b)) yes = true;
        else no = true;
    return [yes, no];
  }
  const edge = 1n << (wide ? 63n : 31n);
  const isSigned = condition.startsWith("s") && condition !== "set";
  const top = wide ? 2n ** 64n : 2n ** 32n;
  if (left.hi >= top || right.hi >= top) return [true, true];
  // Both on one side of the sign: signed and unsigned order agree.
  if (isSigned && !(left.hi < edge && right.hi < edge)) {
    if (right.hi === 0n) return bySign(condition, left, edge);
    return [true, true];
  }
  return ofRanges(condition, left, right);
}

function bySign(condition: Condition, left: Value, edge: bigint): [boolean, boolean] {
  if (left.lo < edge) return [true, true];
  const isNegative = condition === "slt" || condition === "sle";
  return isNegative ? [true, false] : [false, true];
}

function ofPointers(condition: Condition, left: Value, right: Value): [boolean, boolean] {
  const base = left.region === null ? right : left;
  const other = left.region === null ? left : right;
  if (base.mayBeNull || !isZero(other) || base.region?.kind === "unknown") return [true, true];
  if (condition === "eq") return [false, true];
  return condition === "ne" ? [true, false] : [true, true];
}

function ofRanges(condition: Condition, left: Value, right: Value): [boolean, boolean] {
  const below = left.hi < right.lo;
  const above = left.lo > right.hi;
  switch (condition.replace(/^s(?=[gl])/, "")) {
    case "eq":
      return below || above ? [false, true] : [true, true];
    case "ne":
      return below || above ? [true, false] : [true, true];
    case "gt":
      return above ? [true, false] : left.hi <= right.lo ? [false, true] : [true, true];
    case "ge":
      return left.lo >= right.hi ? [true, false] : below ? [false, true] : [true, true];
    case "lt":
      return below ? [true, false] : left.lo >= right.hi ? [false, true] : [true, true];
    case "le":
      return left.hi <= right.lo ? [true, false] : above ? [false, true] : [true, true];
    default:
      return [true, true];
  }
}

/** Narrows `state` to what holds when the branch went one way. */
export function assume(
  state: State,
  branch: { condition: Condition; wide: boolean; left: Value; right: Value },
  holdsTrue: boolean,
): void {
  const { wide, left, right } = branch;
  const condition = holdsTrue ? branch.condition : opposite[branch.condition];
  if (condition === null) return;
  narrowTo(state, left, condition, right, wide);
  narrowTo(state, right, mirrored[condition], left, wide);
}

function narrowTo(state: State, of: Value, condition: Condition, by: Value, wide: boolean): void {
  if (of.id === 0) return;
  if (of.region !== null) {
    if (!of.mayBeNull || !isZero(by)) return;
    const isNull = condition === "eq";
    if (!isNull && condition !== "ne") return;
    state.refine(of.id, (value) =>
      isNull ? { ...constant(0n, value.origins), id: value.id } : { ...value, mayBeNull: false },
    );
    return;
  }
  if (by.region !== null) return;
  if (!wide && (of.hi >= 1n << 32n || by.hi >= 1n << 32n)) return;
  const narrowed = narrowedNumber(of, condition, by, wide);
  if (narrowed !== null) {
    state.refine(of.id, (value) => ({ ...narrowed, origins: value.origins, id: value.id }));
  }
}

function narrowedNumber(of: Value, condition: Condition, by: Value, wide: boolean): Value | null {
  if (of.set !== null && by.set !== null && by.set.length === 1) {
    const [only = 0n] = by.set;
    const left = of.set.filter((each) => holds(condition, wide, each, only));
    return left.length === 0 ? null : numbers(left, of.origins);
  }
  const edge = 1n << (wide ? 63n : 31n);
  const isSigned = /^s[gl]/.test(condition);
  let { lo, hi } = of;
  if (isSigned && !(of.hi < edge && by.hi < edge)) {
    // Only comparisons with 0 and -1 say something simple: the sign.
    const all = edge * 2n - 1n;
    const isNegative =
      (condition === "slt" && by.hi === 0n) || (condition === "sle" && by.lo === all);
    const isPositive =
      (condition === "sge" && by.hi < edge) ||
      (condition === "sgt" && by.lo === by.hi && (by.hi < edge || by.hi === all));
    if (isNegative) lo = greatest(lo, edge);
    else if (isPositive) hi = least(hi, edge - 1n);
    else return null;
    return lo > hi ? null : number({ lo, hi }, of.origins);
  }
  switch (condition.replace(/^s(?=[gl])/, "")) {
    case "eq":
      lo = greatest(lo, by.lo);
      hi = least(hi, by.hi);
      break;
    case "ne":
      if (by.lo !== by.hi) return null;
      if (lo === by.lo) lo += 1n;
      else if (hi === by.lo) hi -= 1n;
      else return null;
      break;
    case "gt":
      lo = greatest(lo, by.lo + 1n);
      break;
    case "ge":
      lo = greatest(lo, by.lo);
      break;
    case "lt":
      hi = least(hi, by.hi - 1n);
      break;
    case "le":
      hi = least(hi, by.hi);
      break;
    default:
      return null;
  }
  return lo > hi ? null : number({ lo, hi }, of.origins);
}

/** What the number that is compared with a constant can be after the branch; null: not known, or never. */
export function rangeAfter(
  branch: { condition: Condition; wide: boolean; left: Value; right: Value },
  holdsTrue: boolean,
): { lo: bigint; hi: bigint } | null {
  const condition = holdsTrue ? branch.condition : opposite[branch.condition];
  if (condition === null) return null;
  const { left, right, wide } = branch;
  const [of, by, asked] =
    left.lo === left.hi ? [right, left, mirrored[condition]] : [left, right, condition];
  return narrowedNumber(of, asked, by, wide) ?? { lo: of.lo, hi: of.hi };
}
