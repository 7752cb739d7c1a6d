// What the data flow still has to look at. Called by data-flow.ts.

/** Blocks with states that have to be looked at, the first in reverse post-order first. */
export class Worklist {
  readonly #keys: (Set<number> | undefined)[];
  #lowest = 0;

  constructor(blocks: number) {
    this.#keys = new Array(blocks);
  }

  add(block: number, key: number): void {
    const keys = this.#keys[block];
    if (keys === undefined) this.#keys[block] = new Set([key]);
    else keys.add(key);
    if (block < this.#lowest) this.#lowest = block;
  }

  take(): { block: number; key: number } | null {
    for (; this.#lowest < this.#keys.length; this.#lowest += 1) {
      const keys = this.#keys[this.#lowest];
      const key = keys?.values().next().value;
      if (keys === undefined || key === undefined) continue;
      keys.delete(key);
      return { block: this.#lowest, key };
    }
    return null;
  }
}
