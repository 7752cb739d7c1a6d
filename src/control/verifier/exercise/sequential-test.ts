// A test that may be looked at after every observation, and stopped at any time, without losing its
// level. Pure. Called by starvation.ts, weights.ts and performance.ts.

/** Chance of a false alarm that the exercise accepts of one question, however often it looks. */
export const alpha = 0.05;

/**
 * Evidence that something happens more often than not: a sign test of H₀ "each time, whatever came
 * before, the probability is at most 1/2".
 *
 * E_n is the likelihood ratio of n observations, k of them "yes", averaged over all probabilities θ
 * from 1/2 to 1 (the uniform mixture, its half that speaks against H₀):
 *
 *   E_n = 2 ∫_{1/2}^{1} θ^k (1−θ)^{n−k} dθ ÷ 2^{−n} = 2^{n+1} ÷ ((n+1) C(n,k)) × P(Bin(n+1, 1/2) ≤ k)
 *
 * Under H₀ it is a non-negative supermartingale that starts at 1, since each θ ≥ 1/2 only loses on
 * average there, so it ever reaches 1/α with a probability of at most α (Ville's inequality). Source:
 * Ville, "Étude critique de la notion de collectif" (1939); the mixture: Robbins, "Statistical methods
 * related to the law of the iterated logarithm" (Ann. Math. Stat. 1970); as an e-process: Ramdas,
 * Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference" (Stat. Sci.
 * 2023). Seven of seven reach 1/0.05, eight of eight 1/0.025.
 */
export class SequentialSignTest {
  #yes = 0;
  #observed = 0;

  get observed(): number {
    return this.#observed;
  }

  add(yes: boolean): void {
    this.#observed++;
    if (yes) this.#yes++;
  }

  /** E_n, 1 before anything was observed. */
  get evidence(): number {
    return Math.exp(logEvidence(this.#observed, this.#yes));
  }

  /** `level`: the accepted chance of a false alarm, 0 to 1. */
  established(level: number = alpha): boolean {
    return this.evidence >= 1 / level;
  }
}

function logEvidence(observed: number, yes: number): number {
  // ln C(n+1, j) by its ratio to the one before; the sum of the lower tail from it, largest taken out.
  const size = observed + 1;
  const terms: number[] = [];
  let logChoose = 0;
  for (let j = 0; j <= yes; j++) {
    terms.push(logChoose);
    logChoose += Math.log((size - j) / (j + 1));
  }
  const largest = Math.max(...terms);
  const sum = terms.reduce((total, term) => total + Math.exp(term - largest), 0);
  const logTail = largest + Math.log(sum) - size * Math.LN2;
  return size * Math.LN2 - Math.log(size) - logChooseOf(observed, yes) + logTail;
}

function logChooseOf(n: number, k: number): number {
  let log = 0;
  for (let j = 1; j <= k; j++) log += Math.log((n - k + j) / j);
  return log;
}
