// Evidence that an effect is above a bound, and that it is below, which may be looked at after every
// observation. The heart of the canary's decision. Pure. Called by metric-test.ts and
// confidence-sequence.ts.

/**
 * Slopes of the bets, per unit of log ratio: each is best for an effect of slope × variance of a block, so
 * that these serve from 3 % in much noise to 20 % in little. Powers of four apart: a bet that is off by a
 * factor of two gains nearly as much.
 */
const slopes = [2, 8, 32, 128];

/**
 * The most that a bet stakes, as a part of all it has. A high stake gains most while all goes well, a low one
 * lives through outliers: one block can take half of it at the most, instead of nineteen parts of twenty.
 */
const stakes = [0.5, 0.95];

const bets = slopes.flatMap((slope) => stakes.map((stake) => ({ slope, stake })));

/**
 * Two test martingales by betting. An observation x is a block's mean of log ratios, above 0 where the
 * candidate did better. Against H₀ "in no block is the effect above the bound b" a bet pays
 *
 *   1 + c tanh(λ (x − b) ÷ c),   c the stake, λ the slope,
 *
 * and E is the mean of what all bets have made of 1. Against "in no block below" it pays with −tanh.
 *
 * Why it is valid. A fair coin that nobody knew decided which arm got which windows of the block (ABBA or
 * BAAB). Had the candidate an effect of exactly b in each window, the other side of the coin would have
 * given b − (x − b) from the same machine at the same times: given all else, past blocks included, x − b is
 * as likely as its opposite. tanh is odd, so the bet is worth 1 on average; it rises with x, so for smaller
 * effects, which may differ from window to window, it is worth at most 1. E is then a non-negative
 * supermartingale from 1 that ever reaches 1/α with a probability of at most α (Ville's inequality).
 *
 * So nothing is assumed of the noise: it may be skewed, heavy-tailed, autocorrelated, periodic, drifting.
 * What is assumed, and what happens where it fails:
 * - The coin is fair, and voiding does not go by arm. Orders that are fixed (always ABBA) are valid only for
 *   noise that is as likely up as down in each block given those before; noise with the period of a
 *   block then passes for an effect. bench/statistics/peeking.ts shows both.
 * - A window does not change the next one: time between them is left for it and not counted (wash-out).
 *   Where it does all the same, the error has no bound: a candidate that leaves its queue for the default to
 *   serve looks better than it is.
 * - H₀ bounds the effect of every window. Where some windows gain and others lose so that their mean is
 *   nothing, most of the blocks decide, not their mean: rare great losses are the guardrails' to see (tail
 *   latencies, longest wait) and the circuit breaker's.
 * Neighbours that are alike (autocorrelation) help, since a block's windows are compared with each other;
 * what they do not share is noise, of which longer windows average more.
 *
 * Sources: randomisation as the basis, Fisher, "The Design of Experiments" (1935); hypotheses that bound all
 * effects, Caughey, Dafoe, Li and Miratrix (JRSS-B 86, 2024); bets on symmetry as the only admissible
 * tests of it, of which exp(λx)/cosh(λx) = 1 + tanh(λx) exceeds de la Peña's exp(λx − λ²x²/2) (Ann. Prob. 27,
 * 1999) throughout, Ramdas, Ruf, Larsson and Koolen, "Admissible anytime-valid sequential inference must
 * rely on nonnegative martingales" (arXiv 2009.03167, 2020), and Vovk and Wang, "Nonparametric e-tests of
 * symmetry" (2024); bounded stakes and confidence by betting, Waudby-Smith and Ramdas (JRSS-B 86, 2024).
 */
export class SymmetricBets {
  readonly #bound: number;
  readonly #above = new Float64Array(bets.length);
  readonly #below = new Float64Array(bets.length);

  /** `bound`: a finite log ratio. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** `observed` may be infinite. The order of observations does not matter. */
  add(observed: number): void {
    const excess = observed - this.#bound;
    bets.forEach(({ slope, stake }, bet) => {
      const gain = stake * Math.tanh((slope * excess) / stake);
      this.#above[bet] = (this.#above[bet] ?? 0) + Math.log1p(gain);
      this.#below[bet] = (this.#below[bet] ?? 0) + Math.log1p(-gain);
    });
  }

  /** ln E against "nowhere above the bound"; 0 before anything was observed. */
  get logAbove(): number {
    return logMeanExp(this.#above);
  }

  /** ln E against "nowhere below the bound". */
  get logBelow(): number {
    return logMeanExp(this.#below);
  }

  /** The most that `logAbove` can be after so many blocks more. */
  logAboveMax(blocks: number): number {
    return logMeanExp(
      this.#above.map((wealth, bet) => wealth + blocks * Math.log1p(bets[bet]?.stake ?? 0)),
    );
  }
}

function logMeanExp(logs: Float64Array): number {
  const largest = Math.max(...logs);
  const sum = logs.reduce((total, log) => total + Math.exp(log - largest), 0);
  return largest + Math.log(sum / logs.length);
}
