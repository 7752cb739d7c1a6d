// Looks through the policy's own memory: what a value depends on when every place that it was read from is
// replaced by all that is ever stored there, to any depth. Called by rules.

import { type Cell, cellOf } from "./cell.ts";
import { comparedOrigins, type Facts, type StoreFact } from "./facts.ts";
import { guardsOf } from "./guards.ts";
import {
  combineDirections,
  composeDirections,
  type Direction,
  direction,
  isManner,
  type Origins,
} from "./origins.ts";

const sourcesMax = 400;

export class Provenance {
  readonly #facts: Facts;
  readonly #stores = new Map<string, StoreFact[]>();
  readonly #whole: boolean;

  readonly #isTable: (base: string) => boolean;

  /**
   * `withControl`: also what decides, by branches, whether a store happens. `isTable`: whether a place is an array,
   * which has all its elements for everybody.
   */
  constructor(facts: Facts, withControl: boolean, isTable: (base: string) => boolean) {
    this.#facts = facts;
    this.#whole = withControl;
    this.#isTable = isTable;
    for (const store of facts.stores.values()) {
      const list = this.#stores.get(store.cell.base);
      if (list === undefined) this.#stores.set(store.cell.base, [store]);
      else list.push(store);
    }
  }

  /** All stores that may be to the place. */
  storesTo({ base, offset }: Cell): readonly StoreFact[] {
    return (this.#stores.get(base) ?? []).filter(
      ({ cell }) => cell.offset === null || offset === null || cell.offset === offset,
    );
  }

  /** Of a source; none where it is no place of the policy's own. */
  storesOf(source: string): readonly StoreFact[] {
    if (source.startsWith("cell:")) return this.storesTo(cellOf(source.slice(5)));
    // Fields that a policy may write, scx.slice and scx.dsq_vtime, are places of its own, too.
    if (source.startsWith("field:")) return this.storesTo({ base: source.slice(6), offset: null });
    return [];
  }

  /** What a table is read at, where it is one: set when the policy starts, and never again. */
  #tableIndex(source: string): string | null {
    if (!source.startsWith("index:")) return null;
    const at = source.lastIndexOf("|");
    const base = source.slice(6, at);
    if (!this.#isTable(base)) return null;
    const stores = this.storesTo({ base, offset: null });
    // What the policy itself never fills, whoever runs it does.
    if (stores.length === 0 && base.startsWith("map ")) return null;
    return stores.every(({ activation }) => activation.op === "init") ? source.slice(at + 1) : null;
  }

  /** All sources, places included. */
  resolve(origins: Origins): Origins {
    const found = new Map<string, Direction>();
    const waiting: string[] = [];
    const reach = (source: string, way: Direction): void => {
      if (isManner(source)) return;
      const known = found.get(source);
      const next = known === undefined ? way : combineDirections(known, way);
      if (next === known || found.size >= sourcesMax) return;
      found.set(source, next);
      waiting.push(source);
    };
    for (const [source, way] of origins) reach(source, way);
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const way = found.get(source) ?? direction.unknown;
      const index = this.#tableIndex(source);
      if (index !== null) reach(index, direction.control);
      for (const store of this.storesOf(source)) {
        for (const [inner, innerWay] of store.value.origins)
          reach(inner, composeDirections(way, innerWay));
        if (!this.#whole) continue;
        for (const guard of guardsOf(this.#facts, store))
          for (const inner of comparedOrigins(guard).keys()) reach(inner, direction.control);
      }
    }
    return found;
  }
}
