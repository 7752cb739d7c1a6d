import { expect, test } from "vitest";
import { seededRandom } from "../../deployment/random.ts";
import { alpha, SequentialSignTest } from "./sequential-test.ts";

const seed = 20261125;

/** 2 ∫ θ^k (1−θ)^(n−k) dθ over [1/2, 1] ÷ 2^−n by the midpoint rule: the definition, another way. */
function integrated(n: number, k: number): number {
  const steps = 20_000;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const theta = 0.5 + (step + 0.5) / (2 * steps);
    sum += theta ** k * (1 - theta) ** (n - k);
  }
  return (2 * sum * 2 ** n) / (2 * steps);
}

function tested(answers: Iterable<boolean>): SequentialSignTest {
  const sign = new SequentialSignTest();
  for (const answer of answers) sign.add(answer);
  return sign;
}

test.each([
  [0, 0],
  [1, 1],
  [5, 2],
  [12, 9],
  [40, 31],
])("the evidence of %i observations, %i of them yes, is the mixture's", (n, k) => {
  const answers = Array.from({ length: n }, (_, index) => index < k);
  expect(tested(answers).evidence).toBeCloseTo(integrated(n, k), 3);
});

test("seven of seven establish it at 5 %, six do not; what speaks against it never does", () => {
  expect(tested(Array<boolean>(7).fill(true)).established()).toBe(true);
  expect(tested(Array<boolean>(6).fill(true)).established()).toBe(false);
  expect(tested(Array<boolean>(500).fill(false)).established()).toBe(false);
  expect(tested(Array<boolean>(5000).fill(true)).evidence).toBe(Number.POSITIVE_INFINITY);
});

/** Share of runs in which it is ever established, looking after each of `looks` observations. */
function alarms(runs: number, looks: number, chance: (yesSoFar: number, n: number) => number) {
  const random = seededRandom(seed);
  let alarmed = 0;
  for (let run = 0; run < runs; run++) {
    const sign = new SequentialSignTest();
    let yesSoFar = 0;
    for (let n = 0; n < looks; n++) {
      const yes = random() < chance(yesSoFar, n);
      if (yes) yesSoFar++;
      sign.add(yes);
      if (sign.established()) {
        alarmed++;
        break;
      }
    }
  }
  return alarmed / runs;
}

// Three standard errors of 3,000 runs at 5 % are 1.2 %.
const runs = 3000;

test("looking 200 times keeps the level, at the edge of the hypothesis and below it", () => {
  expect(alarms(runs, 200, () => 0.5)).toBeLessThanOrEqual(alpha + 0.012);
  expect(alarms(runs, 200, () => 0.3)).toBeLessThanOrEqual(alpha / 10);
});

test("so does an adversary who chooses each probability by what came before", () => {
  const greedy = (yesSoFar: number, n: number) => (yesSoFar >= n / 2 ? 0.5 : 0.05);
  expect(alarms(runs, 200, greedy)).toBeLessThanOrEqual(alpha + 0.012);
});

test("a fixed-size test at 5 %, looked at so often, would not", () => {
  const random = seededRandom(seed);
  let alarmed = 0;
  for (let run = 0; run < runs; run++) {
    let yes = 0;
    for (let n = 1; n <= 200; n++) {
      if (random() < 0.5) yes++;
      // The normal approximation's one-sided 5 % bound.
      if (n >= 7 && (yes - n / 2) / Math.sqrt(n / 4) > 1.645) {
        alarmed++;
        break;
      }
    }
  }
  expect(alarmed / runs).toBeGreaterThan(4 * alpha);
});

test("what holds nine times of ten is established within 30 looks nearly always", () => {
  expect(alarms(1000, 30, () => 0.9)).toBeGreaterThan(0.97);
});
