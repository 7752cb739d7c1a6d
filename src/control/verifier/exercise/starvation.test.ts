import { expect, test } from "vitest";
import { seededRandom } from "../../deployment/random.ts";
import { feeding } from "./starvation.ts";
import type { Observation } from "./trial.ts";
import { weightUse } from "./weights.ts";

const equals = ["a", "b", "c"];
const stepMs = 5;

/** Who runs on two CPUs in each step of 5 ms, by a scheduler's rule. */
type Rule = (atMs: number, usedMs: readonly number[]) => [number, number];

/** Looks every 100 ms or so, as a trial does. */
function observed(names: readonly string[], rule: Rule, durationMs: number): Observation[] {
  const usedMs = names.map(() => 0);
  const seen: Observation[] = [];
  let nextMs = 100;
  for (let atMs = 0; atMs <= durationMs; atMs += stepMs) {
    if (atMs >= nextMs) {
      const entries = names.map((entry, index) => ({ entry, cpuMs: usedMs[index] ?? 0 }));
      seen.push({ atMs, entries, disturbances: [] });
      nextMs += 80 + (atMs % 50);
    }
    for (const index of rule(atMs, usedMs)) usedMs[index] = (usedMs[index] ?? 0) + stepMs;
  }
  return seen;
}

/** Takes turns of one slice each. */
const turns =
  (count: number, sliceMs: number): Rule =>
  (atMs) => {
    const turn = Math.floor(atMs / sliceMs);
    return [(2 * turn) % count, (2 * turn + 1) % count];
  };

/** When it would have been stopped, and as what. */
function watched(seen: readonly Observation[], minMs = 1000) {
  for (let looks = 2; looks <= seen.length; looks++) {
    const atMs = seen[looks - 1]?.atMs ?? 0;
    if (atMs < minMs) continue;
    const { state, hungry } = feeding(seen.slice(0, looks), equals);
    if (state !== "open") return { state, hungry, atMs };
  }
  return { ...feeding(seen, equals), atMs: seen.at(-1)?.atMs ?? 0 };
}

test.each([5, 20, 100, 200, 500, 1000])("turns of %i ms are fed, however late", (sliceMs) => {
  const { state, atMs } = watched(observed(equals, turns(3, sliceMs), 15_000));
  expect(state).toBe("fed");
  expect(atMs).toBeLessThanOrEqual(Math.max(1200, 2 * sliceMs));
});

test("one that never runs while others take turns is found in a few seconds", () => {
  const found = watched(observed(["a", "b", "d", "e", "c"], turns(4, 20), 15_000));
  expect(found).toMatchObject({ state: "starved", hungry: ["c"] });
  expect(found.atMs).toBeLessThan(3500);
});

test("two that keep the CPUs leave it open until the window's end, for ageing may come", () => {
  const aged: Rule = (atMs) => (atMs < 11_250 ? [0, 1] : turns(3, 100)(atMs, []));
  expect(watched(observed(equals, aged, 11_000)).state).toBe("open");
  expect(watched(observed(equals, aged, 15_000)).state).toBe("fed");
  const never = watched(observed(equals, () => [0, 1], 15_000));
  expect(never).toMatchObject({ state: "open", hungry: ["c"] });
});

test("a lottery that is fair in the long run is never called starved: 300 runs, each looked at all the time", () => {
  for (let run = 0; run < 300; run++) {
    const random = seededRandom(run);
    let drawn: [number, number] = [0, 1];
    const lottery: Rule = (atMs) => {
      if (atMs % 100 === 0) {
        const first = Math.floor(random() * 3);
        drawn = [first, (first + 1 + Math.floor(random() * 2)) % 3];
      }
      return drawn;
    };
    expect(watched(observed(equals, lottery, 15_000)).state).toBe("fed");
  }
});

test("weights: honoured, ignored and inverted are told apart in about two seconds", () => {
  const light = ["light-a", "light-b"];
  // Of 20 turns of 10 ms, the light ones together get as many as given, well mixed.
  const shared = (lightTurns: number): Rule => {
    const who = (turn: number) => {
      const before = Math.floor((turn * lightTurns) / 20);
      const isLight = (turn * lightTurns) % 20 < lightTurns;
      return isLight ? 3 + (before % 2) : (turn - before) % 3;
    };
    return (atMs) => {
      const turn = 2 * Math.floor(atMs / 10);
      return [who(turn), who(turn + 1)];
    };
  };
  const use = (lightTurns: number, ms: number) =>
    weightUse(observed([...equals, ...light], shared(lightTurns), ms), equals, light);
  expect(use(4, 2300)).toBe("honoured");
  expect(use(8, 2300)).toBe("ignored");
  expect(use(14, 2300)).toBe("inverted");
  expect(use(8, 600)).toBe("open");
});
