// One-way places of the policy's memory: a flag that is set and never set back, a counter or a mark that only
// grows. What they decide changes once, at a moment that may lie behind every test. Called by rules.

import { holds } from "../../../simulator/machine/interpreted-arithmetic.ts";
import { cellOf } from "./cell.ts";
import { type BranchFact, comparedOrigins, isLoaded, type StoreFact } from "./facts.ts";
import { guardsOf, innerGuards } from "./guards.ts";
import { initialValue } from "./initial-value.ts";
import { instructionOf } from "./machine.ts";
import { less, mixed, or, upper } from "./manner.ts";
import { isNeverReached } from "./never-reached.ts";
import { dataSources, direction } from "./origins.ts";
import type { Evidence } from "./rule.ts";
import { isShared } from "./time-sources.ts";
import type { Value } from "./value.ts";

export interface Latch {
  /** "cell:broken+0" */
  readonly source: string;
  readonly kind: "flag" | "counter" | "mark";
  /** What it holds before, and after it was set; known of flags alone. */
  readonly before: bigint;
  readonly after: readonly bigint[];
  readonly stores: readonly StoreFact[];
}

/** A counter that a branch asks for less than this has passed it before any test is over. */
export const countMin = 100n;
/** Flags that set flags that set flags. */
const soonDepthMax = 4;

const known = new WeakMap<Evidence, Map<string, Latch | null>>();

/** Null: the place is none, can go back, or is only set when the policy starts. */
export function latchOf(evidence: Evidence, source: string): Latch | null {
  const made = known.get(evidence) ?? new Map<string, Latch | null>();
  known.set(evidence, made);
  const found = made.get(source);
  if (found !== undefined) return found;
  const latch = find(evidence, source);
  made.set(source, latch);
  return latch;
}

/** Ops that don't run while tasks are scheduled. */
export function isQuiet(op: string): boolean {
  return op === "init" || op === "exit" || op.startsWith("dump");
}

function find(evidence: Evidence, source: string): Latch | null {
  if (!isShared(evidence, source)) return null;
  const cell = cellOf(source.slice(5));
  // Whoever has the address may write what they like.
  if (evidence.facts.escaped.has(cell.base)) return null;
  const all = evidence.data.storesTo(cell);
  const stores = all.filter(
    (store) => !isQuiet(store.activation.op) && !isNeverReached(evidence, store),
  );
  if (stores.length === 0 || all.some(({ activation }) => activation.op === "syscall")) return null;
  const kinds = stores.map((store) => kindOf(evidence, store, source));
  if (kinds.includes(null)) return null;
  const latch = { source, before: 0n, after: [], stores };
  if (kinds.every((kind) => kind === "counter")) return { ...latch, kind: "counter" };
  if (kinds.every((kind) => kind === "counter" || kind === "mark"))
    return { ...latch, kind: "mark" };
  if (!kinds.every((kind) => kind === "flag")) return null;
  const after = [...new Set(stores.flatMap(({ value }) => constantsIn(value)))];
  const before = beginnings(
    evidence,
    source,
    all.filter(({ activation }) => activation.op === "init"),
  );
  const [first] = before;
  if (first === undefined || before.some((each) => after.includes(each))) return null;
  return { ...latch, kind: "flag", before: first, after };
}

/** How a store changes the place; null: in some other way. */
function kindOf(evidence: Evidence, store: StoreFact, source: string): Latch["kind"] | null {
  const { value } = store;
  if (value.region !== null) return null;
  const sources = dataSources(value.origins).filter((each) => !each.startsWith("knob:"));
  if (sources.length === 0) return value.set === null ? null : "flag";
  const isOwn = sources.includes(source);
  if (isOwn && (value.origins.has(less) || value.origins.has(mixed))) return null;
  if (isOwn && value.origins.has(or)) return constantsIn(value).length > 0 ? null : "counter";
  if (sources.length === 1 && isOwn) {
    if (value.origins.get(source) !== direction.rising) return null;
    if (constantsIn(value).length === 0) return "counter";
    // `broken = bad ? 1 : broken`: no arithmetic comes after the two ways meet.
    return instructionOf(value.id) === null ? "flag" : null;
  }
  return !isOwn && isOnlyRaised(evidence, store, source) ? "mark" : null;
}

/** `if (x > most) most = x;` */
function isOnlyRaised({ facts }: Evidence, store: StoreFact, source: string): boolean {
  return innerGuards(facts, store).some(({ left, right, condition }) => {
    if (!/[gl]/.test(condition)) return false;
    const isPlace = (value: Value): boolean => dataSources(value.origins).join() === source;
    const [place, other] = isPlace(left) ? [left, right] : [right, left];
    return (
      isPlace(place) &&
      other.region === null &&
      dataSources(other.origins).some((each) => dataSources(store.value.origins).includes(each))
    );
  });
}

function constantsIn({ set, origins }: Value): bigint[] {
  const found = [...(set ?? [])];
  for (const source of origins.keys()) {
    const constant = /^how:const (\d+)$/.exec(source)?.[1];
    if (constant !== undefined) found.push(BigInt(constant));
  }
  return found;
}

/** What the place can hold when the first task is scheduled. */
function beginnings({ object }: Evidence, source: string, atStart: readonly StoreFact[]): bigint[] {
  if (atStart.length > 0) return atStart.flatMap(({ value }) => [...(value.set ?? [])]);
  return [initialValue(object, cellOf(source.slice(5)))];
}

/** Copied by a map that the policy never fills: whoever runs it does. */
export function isSetting({ facts, data }: Evidence, { stores }: Latch): boolean {
  const isForeign = (source: string): boolean =>
    source.startsWith("cell:map ") && data.storesOf(source).length === 0;
  return stores.every((store) =>
    guardsOf(facts, store).some((guard) => [...comparedOrigins(guard).keys()].some(isForeign)),
  );
}

export interface Turn {
  readonly branch: BranchFact;
  readonly latch: Latch;
}

/**
 * Branches that go one way until a latch is set, and the other way for ever after; those that are turned
 * before any test is over are left out.
 */
export function turns(evidence: Evidence): Turn[] {
  const found: Turn[] = [];
  for (const branch of evidence.facts.branches.values()) {
    const { taken, falls, left, right, activation } = branch;
    if (!taken || !falls || left.region !== null || isQuiet(activation.op)) continue;
    for (const source of comparedOrigins(branch).keys()) {
      if (!source.startsWith("cell:")) continue;
      const latch = latchOf(evidence, source);
      if (latch === null || isSoon(evidence, latch) || isSetting(evidence, latch)) continue;
      const own = new Set([source, ...(latch.kind === "mark" ? madeOf(latch) : [])]);
      const isOnly = dataSources(left.origins).every((each) => own.has(each));
      const bound = isOnly && right.lo === right.hi ? right.lo : null;
      if (isTurned(branch, latch, bound)) found.push({ branch, latch });
    }
  }
  return found;
}

/** What a mark is a record of: the compiler keeps the larger of both in a register. */
function madeOf({ stores }: Latch): string[] {
  return stores.flatMap(({ value }) => dataSources(value.origins));
}

/** Ops that run again and again in every test. */
const common =
  /^(select_cpu|enqueue|dequeue|dispatch|tick|runnable|running|stopping|quiescent|enable|init_task)$/;

/** Set by the first tasks that come: every test sees what is after it. */
export function isSoon(evidence: Evidence, latch: Latch): boolean {
  return (
    latch.kind === "flag" &&
    latch.stores.some((store) => isSoonStored(evidence, store, [latch.source]))
  );
}

function isSoonStored(evidence: Evidence, store: StoreFact, seen: readonly string[]): boolean {
  if (!common.test(store.activation.op)) return false;
  return guardsOf(evidence.facts, store).every((guard) =>
    [...comparedOrigins(guard).keys()].every((source) => isSoonTrue(evidence, source, seen)),
  );
}

/** What is as it is from the beginning, or itself set soon. */
function isSoonTrue(evidence: Evidence, source: string, seen: readonly string[]): boolean {
  if (/^(lookup|storage|key|iter|knob|kconfig):/.test(source) || seen.includes(source)) return true;
  if (!source.startsWith("cell:") || seen.length > soonDepthMax) return false;
  const stores = evidence.data.storesOf(source).filter(({ activation }) => !isQuiet(activation.op));
  return stores.every(
    (store) => store.value.set !== null && isSoonStored(evidence, store, [...seen, source]),
  );
}

function isTurned(
  branch: BranchFact,
  { source, kind, before, after, stores }: Latch,
  bound: bigint | null,
): boolean {
  const { condition, wide, left } = branch;
  const isPlain = isLoaded(branch, left);
  if (kind === "flag") {
    // What else is compared, or how it was made, is not known: it may. Of several values one may lead back.
    if (bound === null || !isPlain) return after.length === 1;
    const first = holds(condition, wide, before, bound);
    return after.every((each) => holds(condition, wide, each, bound) !== first);
  }
  if (left.origins.has(upper)) return true;
  if (bound === null) return false;
  const isOr = stores.every(({ value }) => value.origins.has(or));
  if (condition === "set") return isOr;
  if (/[gl]/.test(condition))
    return left.origins.get(source) === direction.rising && (bound >= countMin || !isPlain);
  // Some bits of what is only ever added to by "or", or the upper ones of a number that grows.
  return !isPlain && bound === 0n && (isOr || left.origins.get(source) === direction.rising);
}
