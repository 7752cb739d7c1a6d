// Puts pairs that count together to the blocks whose order one coin decided. Called by canary-test.ts.

import type { WindowPair } from "./window-pair.ts";

/**
 * A block of which a pair stays void is left out whole: half of it would not cancel a drift. Throws
 * RangeError for pairs out of order, or in an order that no coin gave.
 */
export class Blocks {
  readonly #pairsPerBlock: 1 | 2;
  #last = Number.NEGATIVE_INFINITY;
  #waiting: WindowPair | null = null;

  constructor(pairsPerBlock: 1 | 2) {
    this.#pairsPerBlock = pairsPerBlock;
  }

  /** The pairs of the block that this one completes, or null. `pair` is not void. */
  add(pair: WindowPair): WindowPair[] | null {
    const waiting = this.#waiting?.block === pair.block ? this.#waiting : null;
    if (waiting === null && pair.block <= this.#last) {
      throw new RangeError(`a pair of block ${pair.block} after one of block ${this.#last}`);
    }
    if (waiting !== null && waiting.first === pair.first) {
      throw new RangeError(`both pairs of block ${pair.block} have ${pair.first} first`);
    }
    this.#last = pair.block;
    const block = waiting === null ? [pair] : [waiting, pair];
    if (block.length < this.#pairsPerBlock) {
      this.#waiting = pair;
      return null;
    }
    this.#waiting = null;
    return block;
  }
}
