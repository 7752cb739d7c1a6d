// Seeded random numbers for whoever makes scenarios: the same seed draws the same on every machine.
// Not for secrets. The simulated machine draws its own while it runs.

/** SplitMix32 (the 32-bit variant of Steele, Lea and Flood's SplitMix, OOPSLA 2014). */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 32 bits, unsigned. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.bits() / 2 ** 32) * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.between(0, values.length - 1)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  }

  /** Fisher and Yates; the input stays. */
  shuffle<T>(values: readonly T[]): T[] {
    const mixed = [...values];
    for (let at = mixed.length - 1; at > 0; at -= 1) {
      const other = this.between(0, at);
      const held = mixed[at];
      const swapped = mixed[other];
      if (held === undefined || swapped === undefined) continue;
      mixed[at] = swapped;
      mixed[other] = held;
    }
    return mixed;
  }
}
