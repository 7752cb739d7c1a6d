// Seeded randomness for measuring: the order of arms. The same integer seed gives the
// same numbers on every machine. Not for secrets. Called by measure, screen and tests.

/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * xoshiro128** by Blackman and Vigna ("Scrambled linear pseudorandom number generators", 2021),
 * its state filled from the seed by the finaliser of MurmurHash3 over a Weyl sequence, so that
 * neighbouring seeds give unrelated streams.
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is an integer, not ${seed}`);
  let weyl = (seed ^ Math.floor(seed / 2 ** 32)) | 0;
  const word = (): number => {
    weyl = (weyl + 0x9e3779b9) | 0;
    let mixed = Math.imul(weyl ^ (weyl >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) | 0;
  };
  // All four words zero is the one forbidden state: the constant keeps it away.
  let a = word();
  let b = word();
  let c = word();
  let d = word() | 1;
  return () => {
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return (scrambled >>> 0) / 2 ** 32;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A new array with the same items in random order. For the short lists of a run: quadratic. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const pool = [...items];
  const order: T[] = [];
  while (pool.length > 0) order.push(...pool.splice(Math.floor(random() * pool.length), 1));
  return order;
}

/** A seed for one phase of an operation: phases must not share their random numbers. */
export function derivedSeed(seed: number, phase: number): number {
  const random = seededRandom(seed);
  let drawn = 0;
  for (let step = 0; step <= phase; step++) drawn = Math.floor(random() * 2 ** 31);
  return drawn;
}
