// Places of the policy's own that tell the time: those that only ever hold the time at which it was started,
// counters, and what a timer sets. The clocks themselves are in moments.ts.

import type { MapDefinition } from "../../../simulator/object/bpf-object.ts";
import type { Cell } from "./cell.ts";
import { cellOf } from "./cell.ts";
import { guardsOf } from "./guards.ts";
import { isArrayMap, isHashMap } from "./map-kinds.ts";
import { hasClock } from "./moments.ts";
import type { Evidence } from "./rule.ts";

/** Ops that run once, when the scheduler starts. */
const starting = new Set(["init"]);

/** Whether a global is set to the time once, at the start, and never again. */
export function isStartTime(evidence: Evidence, source: string): boolean {
  if (
    !source.startsWith("cell:") ||
    source.startsWith("cell:map ") ||
    source.startsWith("cell:heap ")
  )
    return false;
  const cell = cellOf(source.slice(5));
  const stores = evidence.data.storesTo(cell);
  if (stores.length === 0) return false;
  return stores.every(
    (store) =>
      hasClock(store.value.origins) &&
      (starting.has(store.activation.op) || isSetOnce(evidence, store, cell)),
  );
}

/** `if (!start) start = now;` */
function isSetOnce(
  { facts }: Evidence,
  store: Parameters<typeof guardsOf>[1],
  { base }: Cell,
): boolean {
  return guardsOf(facts, store).some(({ left, right, condition }) => {
    if (condition !== "eq" && condition !== "ne") return false;
    return (
      right.hi === 0n &&
      [...left.origins.keys()].some((source) => source.startsWith(`cell:${base}`))
    );
  });
}

/** A global, or a place in a map that is none of tasks: shared by all of them. */
export function isShared({ object }: Evidence, source: string): boolean {
  const name = /^cell:map (.*)(\+\d+|\[\])$/.exec(source)?.[1];
  if (name === undefined) return source.startsWith("cell:") && !source.startsWith("cell:heap ");
  return object.maps.some((map) => map.name === name && isSharedMap(map));
}

/** Arrays, and other maps with too few entries for tasks. */
function isSharedMap({ type, maxEntries }: MapDefinition): boolean {
  return isArrayMap(type) || (isHashMap(type) && maxEntries <= 8);
}

/** Whether it only ever counts up: a sequence number, a count of calls. */
export function isCounter(evidence: Evidence, source: string): boolean {
  if (!isShared(evidence, source)) return false;
  const stores = evidence.data.storesTo(cellOf(source.slice(5)));
  return (
    stores.length > 0 &&
    stores.every(({ value }) => value.origins.get(source) === 1 && value.origins.size === 1)
  );
}

/** Whether a timer sets it to one value, and nobody to another: it tells that a moment has passed. */
export function isSetByTimer(evidence: Evidence, source: string): boolean {
  if (!isShared(evidence, source)) return false;
  const stores = evidence.data
    .storesTo(cellOf(source.slice(5)))
    .filter(({ activation }) => !starting.has(activation.op));
  const [first] = stores;
  return (
    first?.value.set?.length === 1 &&
    stores.every(({ activation, value }) => activation.op === "timer" && value.set?.length === 1)
  );
}
