import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom, shuffled } from "../random.ts";
import { CanaryTest } from "./canary-test.ts";
import type { CanaryPlan } from "./plan.ts";
import { type WindowPair, type WindowValues, windowOrder } from "./window-pair.ts";

const plan: CanaryPlan = {
  objective: { metric: "throughput", direction: "maximise" },
  guardrails: [
    { metric: "wait", direction: "minimise", worstPercent: 10 },
    { metric: "stalls", direction: "minimise", worstPercent: 20, floor: 1 },
    { metric: "fairness", direction: "maximise", worstPercent: 5 },
  ],
  candidateNumber: 1,
  pairsPerBlock: 2,
  pairsMax: 80,
  voidPairsMax: 40,
};
const same: WindowValues = { throughput: 100, wait: 20, stalls: 0, fairness: 0.9 };

/** Pairs of whatever windows, in a coin's orders. */
function pairsOf(arms: readonly [WindowValues, WindowValues][], pairsPerBlock: 1 | 2 = 2) {
  const order = windowOrder(seededRandom(arms.length), pairsPerBlock);
  return arms.map(
    ([before, after]): WindowPair => ({
      ...order.next().value,
      default: before,
      candidate: after,
    }),
  );
}

/** As many pairs that are all alike. */
function alike(count: number, after: WindowValues, before = same): WindowPair[] {
  return pairsOf(Array.from({ length: count }, () => [before, after]));
}

function tested(given: CanaryPlan, pairs: readonly WindowPair[]): CanaryTest {
  const canary = new CanaryTest(given);
  for (const pair of pairs) canary.add(pair);
  return canary;
}

/** Windows of every kind, with an effect that is often large enough to decide. */
const windows = fc
  .tuple(
    fc.constantFrom(-0.3, -0.1, 0, 0.1, 0.3),
    fc.constantFrom(-0.3, 0, 0.1, 0.3),
    fc.integer({ min: 0, max: 2 ** 31 }),
    fc.integer({ min: 10, max: 90 }),
  )
  .map(([gain, harm, seed, count]) => {
    const random = seededRandom(seed);
    const window = (isCandidate: boolean): WindowValues => {
      const noise = () => Math.exp((random() + random() - 1) * 0.1);
      const effect = (size: number) => (isCandidate ? Math.exp(size) : 1);
      return {
        throughput: 100 * noise() * effect(gain),
        wait: 20 * noise() * effect(harm),
        stalls: random() < 0.1 ? 1 : 0,
        ...(random() < 0.05 ? {} : { fairness: 0.9 * noise() }),
      };
    };
    return pairsOf(Array.from({ length: count }, () => [window(false), window(true)]));
  });

describe("CanaryTest", () => {
  test("a look changes nothing, and a decision stands", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(windows, (pairs) => {
        const unseen = tested(plan, pairs);
        const looked = new CanaryTest(plan);
        let final: unknown = null;
        for (const pair of pairs) {
          looked.add(pair);
          if (final !== null) expect(looked.decision).toEqual(final);
          if (looked.decision.decision !== "continue") final = looked.decision;
        }
        expect(looked.decision).toEqual(unseen.decision);
        seen.add(looked.decision.decision);
        looked.end();
        if (final !== null) expect(looked.decision).toEqual(final);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect([...seen].sort()).toEqual(["continue", "inconclusive", "promote", "revert"]);
  });

  test("the order of the metrics does not matter", () => {
    fc.assert(
      fc.property(windows, fc.integer(), (pairs, seed) => {
        const guardrails = shuffled(plan.guardrails, seededRandom(seed));
        expect(tested({ ...plan, guardrails }, pairs).decision).toEqual(
          tested(plan, pairs).decision,
        );
      }),
      { numRuns: 50 },
    );
  });

  test("void pairs are ignored, wherever they come and whatever they hold", () => {
    const holes = fc.array(fc.integer({ min: 0, max: 89 }), { maxLength: 39 });
    fc.assert(
      fc.property(windows, holes, (pairs, places) => {
        const withVoid = pairs.flatMap((pair, index) => [
          ...places
            .filter((place) => place === index)
            .map(() => ({ ...pair, candidate: { throughput: 1e9 }, void: "steal" })),
          pair,
        ]);
        const clean = tested(plan, pairs);
        const disturbed = tested(plan, withVoid);
        expect(disturbed.decision).toEqual(clean.decision);
        expect(disturbed.evidence().metrics).toEqual(clean.evidence().metrics);
      }),
      { numRuns: 50 },
    );
  });

  test("units do not matter", () => {
    const scale = fc.constantFrom(1e-6, 3, 1e6);
    fc.assert(
      fc.property(windows, scale, (pairs, factor) => {
        const scaled = (values: WindowValues): WindowValues =>
          Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * factor]));
        const other = pairs.map((pair) => ({
          ...pair,
          default: scaled(pair.default),
          candidate: scaled(pair.candidate),
        }));
        const floored = plan.guardrails.map(({ floor = 0, ...each }) => ({
          ...each,
          floor: floor * factor,
        }));
        expect(tested({ ...plan, guardrails: floored }, other).decision).toEqual(
          tested(plan, pairs).decision,
        );
      }),
      { numRuns: 50 },
    );
  });

  test("promotes what is better and harms nothing; zeros on both sides harm nothing", () => {
    const canary = tested(plan, alike(20, { ...same, throughput: 130 }));
    expect(canary.decision).toEqual({ decision: "promote" });
    const { pairs, metrics } = canary.evidence();
    expect(pairs).toBeLessThan(20);
    expect(metrics.map(({ holds }) => holds.established)).toEqual([true, true, true, true]);
    expect(metrics[0]?.improvementPercent).toBeCloseTo(30, 1);
    expect(metrics[2]?.improvementPercent).toBeCloseTo(0, 1);
  });

  test.each([
    [{ ...same, wait: 30 }, [["guardrail-broken", "wait"]]],
    [{ ...same, throughput: 130, wait: 30 }, [["guardrail-broken", "wait"]]],
    [{ ...same, throughput: 70 }, [["objective-worse", "throughput"]]],
    [
      { ...same, fairness: 0.6, wait: 30 },
      [
        ["guardrail-broken", "fairness"],
        ["guardrail-broken", "wait"],
      ],
    ],
    // What the candidate's windows alone lack counts against it.
    [{ throughput: 130, wait: 20, stalls: 0 }, [["guardrail-broken", "fairness"]]],
  ])("reverts for %o", (after, causes) => {
    const { decision } = tested(plan, alike(40, after));
    expect(decision).toEqual({
      decision: "revert",
      causes: causes.map(([reason, metric]) => ({ reason, metric })),
    });
  });

  test.each([
    ["pairs-limit", { ...plan, objective: null, pairsMax: 10 }, alike(10, same)],
    ["void-limit", plan, alike(60, same).map((pair) => ({ ...pair, void: "steal" }))],
    ["out-of-reach", { ...plan, pairsMax: 10 }, []],
    ["out-of-reach", plan, alike(80, same)],
    ["no-objective", { ...plan, objective: null }, alike(40, { ...same, throughput: 130 })],
    ["no-objective", { ...plan, objective: null, guardrails: [] }, []],
  ] as const)("is inconclusive: %s", (reason, given, pairs) => {
    expect(tested(given, pairs).decision).toEqual({ decision: "inconclusive", reason });
  });

  test("ends when its time is over", () => {
    const canary = tested(plan, alike(6, same));
    expect(canary.decision).toEqual({ decision: "continue" });
    canary.end();
    expect(canary.decision).toEqual({ decision: "inconclusive", reason: "time-limit" });
  });

  test("never counts more pairs than it may, and always ends", () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 90 }), (pairs, pairsMax) => {
        const canary = tested({ ...plan, pairsMax }, pairs);
        expect(canary.evidence().pairs).toBeLessThanOrEqual(pairsMax);
        if (pairs.length >= pairsMax) expect(canary.decision.decision).not.toBe("continue");
      }),
      { numRuns: 50 },
    );
  });

  test("the interval says what the odds say", () => {
    fc.assert(
      fc.property(windows, (pairs) => {
        for (const metric of tested(plan, pairs).evidence().metrics) {
          const [low, high] = metric.confidenceSequence;
          const { boundPercent: bound } = metric;
          if (Math.abs(low - bound) > 0.01) expect(low > bound).toBe(metric.holds.established);
          if (Math.abs(high - bound) > 0.01) expect(high < bound).toBe(metric.fails.established);
          expect(JSON.parse(JSON.stringify(metric))).toEqual(metric);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a later candidate needs more", () => {
    const pairsOfCandidate = (candidateNumber: number): number =>
      tested({ ...plan, candidateNumber }, alike(60, { ...same, throughput: 130 })).evidence()
        .pairs;
    expect(pairsOfCandidate(10)).toBeGreaterThan(pairsOfCandidate(1));
  });

  test("a coin for each pair decides in half the pairs", () => {
    const arms = Array.from({ length: 40 }, (): [WindowValues, WindowValues] => [
      same,
      { ...same, throughput: 130 },
    ]);
    const single = tested({ ...plan, pairsPerBlock: 1 }, pairsOf(arms, 1));
    const double = tested(plan, pairsOf(arms));
    expect(single.decision).toEqual({ decision: "promote" });
    expect(2 * single.evidence().pairs).toBe(double.evidence().pairs);
  });

  const wait = { metric: "wait", direction: "minimise", worstPercent: 1 } as const;
  test.each([
    [{ guardrails: [wait, wait] }, /names a metric twice/],
    [
      { guardrails: [{ ...wait, direction: "maximise" as const, worstPercent: 100 }] },
      /regress by 100 %/,
    ],
    [{ guardrails: [{ ...wait, worstPercent: -1 }] }, /regress by -1 %/],
    [{ guardrails: [{ ...wait, floor: Number.NaN }] }, /the floor of wait/],
    [{ pairsMax: 0 }, /pairsMax cannot be 0/],
    [{ voidPairsMax: 1.5 }, /voidPairsMax cannot be 1.5/],
    [{ candidateNumber: 0 }, /numbered from 1/],
  ])("refuses a plan with %o", (fault, message) => {
    expect(() => new CanaryTest({ ...plan, ...fault })).toThrow(message);
  });
});
