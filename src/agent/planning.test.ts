import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scriptedLibrary } from "../../test/doubles/scripted-control.ts";
import { scriptedEnvironment, scriptedWorkload } from "../../test/doubles/scripted-nodes.ts";
import { policyMetadataSchema } from "../contract/policy.ts";
import type { EntryProfile, WorkloadProfile } from "../contract/profile.ts";
import type { HistoryEntry } from "../control/control-plane.ts";
import { planBudget } from "./budget.ts";
import { proposeByRules } from "./heuristic-planner.ts";
import { proposalLabel } from "./planner.ts";
import { halvingSchedule, scheduleArms, survivors } from "./successive-halving.ts";

const seedPolicies = new URL("../../policies/", import.meta.url);

function entry(name: string, cpuMs: number): EntryProfile {
  return {
    name,
    count: 1,
    background: false,
    lifetimeMs: cpuMs,
    cpuMs,
    cpuShare: 1,
    waitMs: 0,
    switchesPerSecond: 10,
    voluntaryShare: 0.1,
  };
}

function profile(kind: WorkloadProfile["kind"]): WorkloadProfile {
  return {
    workload: scriptedWorkload.name,
    workloadSha256: "0",
    environment: scriptedEnvironment,
    makespanMs: 3000,
    entries: [entry("short", 180.4), entry("long", 2000)],
    utilisation: 0.95,
    imbalance: 11,
    contextSwitchesPerSecond: 500,
    oversubscription: 10,
    kind,
    summary: "",
  };
}

const kinds = [
  "batch-imbalanced",
  "batch-uniform",
  "request-response",
  "message-passing",
  "mixed",
] as const;

function propose(
  kind: WorkloadProfile["kind"],
  library = scriptedLibrary,
  memory: HistoryEntry[] = [],
) {
  return proposeByRules({ profile: profile(kind), workload: scriptedWorkload, library, memory });
}

describe("heuristic planner", () => {
  test("an imbalanced batch: longest first, by hints and by attained time", () => {
    const [hinted, attained] = propose("batch-imbalanced");
    expect(hinted).toMatchObject({
      policy: { name: "longest-first" },
      parameters: { "hint.short": 180, "hint.long": 2000, age_limit_ms: 4500 },
    });
    expect(attained?.parameters).toMatchObject({ attained_ms: 271 });
    expect(hinted === undefined ? "" : proposalLabel(hinted)).toBe(
      "longest-first age_limit_ms=4500 with hints",
    );
  });

  test.each(kinds)("%s: several ideas, no two alike, knobs within their ranges", (kind) => {
    const proposals = propose(kind);
    expect(new Set(proposals.map(({ policy }) => policy.name)).size).toBeGreaterThanOrEqual(3);
    const keys = proposals.map(
      ({ policy, parameters }) => policy.name + JSON.stringify(parameters),
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const { policy, parameters, reason } of proposals) {
      const metadata = scriptedLibrary.find(({ name }) => name === policy.name);
      expect(reason).not.toBe("");
      for (const [name, value] of Object.entries(parameters)) {
        if (name.startsWith("hint.")) continue;
        const knob = metadata?.knobs.find((each) => each.name === name);
        expect(value).toBeGreaterThanOrEqual(knob?.min ?? Number.POSITIVE_INFINITY);
        expect(value).toBeLessThanOrEqual(knob?.max ?? Number.NEGATIVE_INFINITY);
      }
    }
  });

  test("proposes only what the library has", () => {
    expect(propose("batch-imbalanced", [])).toEqual([]);
    const bare = scriptedLibrary.map((policy) => ({ ...policy, hints: false, knobs: [] }));
    const names = propose("batch-imbalanced", bare).map(({ policy }) => policy.name);
    expect(names).toEqual(["long-slices", "fifo", "llc-steal"]);
  });

  test("what won before on this workload is tried again", () => {
    const past: HistoryEntry = {
      id: "r0",
      kind: "result",
      at: "2026-01-01T00:00:00Z",
      workload: scriptedWorkload.name,
      policy: "interactive-first",
      summary: "",
    };
    const names = propose("batch-uniform", scriptedLibrary, [past]).map(
      ({ policy }) => policy.name,
    );
    expect(names).toContain("interactive-first");
    const other = propose("batch-uniform", scriptedLibrary, [{ ...past, workload: "another" }]);
    expect(other.map(({ policy }) => policy.name)).not.toContain("interactive-first");
  });
});

describe("heuristic planner over the seed policies", () => {
  const library = readdirSync(seedPolicies, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) =>
      policyMetadataSchema.parse(
        parse(readFileSync(new URL(`${name}/policy.yaml`, seedPolicies), "utf8")),
      ),
    );

  test.each(kinds)("%s: what the rules name is there, knobs and hints too", (kind) => {
    const found = propose(kind, library);
    // The double has every policy that the rules name, and every knob.
    expect(found.map(({ policy }) => policy.name)).toEqual(
      propose(kind).map(({ policy }) => policy.name),
    );
    const keys = (proposals: typeof found) =>
      proposals.map(({ parameters }) => Object.keys(parameters));
    expect(keys(found)).toEqual(keys(propose(kind)));
  });
});

describe("successive halving", () => {
  test("halves down to one within the budget, every rung at least one round", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.integer({ min: 0, max: 400 }),
        (candidates, arms) => {
          const rungs = halvingSchedule(candidates, arms);
          if (rungs === null) return;
          expect(scheduleArms(rungs)).toBeLessThanOrEqual(arms);
          expect(rungs.every(({ rounds }) => rounds >= 1)).toBe(true);
          const sizes = [...rungs.map((rung) => rung.candidates), 1];
          expect(sizes[0]).toBe(candidates);
          for (let rung = 1; rung < sizes.length; rung++) {
            expect(sizes[rung]).toBe(Math.ceil((sizes[rung - 1] ?? 0) / 2));
          }
        },
      ),
    );
    expect(halvingSchedule(1, 0)).toEqual([]);
    expect(halvingSchedule(4, 7)).toBeNull();
    expect(halvingSchedule(4, 8)).toEqual([
      { candidates: 4, rounds: 1 },
      { candidates: 2, rounds: 1 },
    ]);
  });

  test("the better half survives; who failed never does", () => {
    const entered = [
      { who: "a", score: -3 },
      { who: "b", score: 12 },
      { who: "c", score: null },
      { who: "d", score: 4 },
    ];
    expect(survivors(entered)).toEqual(["b", "d"]);
    expect(survivors([{ who: "c", score: null }])).toEqual([]);
  });
});

describe("planBudget", () => {
  const given = { secondsLeft: 189, armSeconds: 6, verifySeconds: 6, candidates: 5, pairs: 8 };

  test("the default budget at 6 s an arm: several candidates and a sound confirmation", () => {
    const budget = planBudget(given);
    expect(budget.fits).toBe(true);
    expect(budget.candidates).toBeGreaterThanOrEqual(4);
    expect(budget.pairs).toBeGreaterThanOrEqual(6);
  });

  test("never fewer than six pairs, never beyond the budget where it fits", () => {
    fc.assert(
      fc.property(
        fc.record({
          secondsLeft: fc.integer({ min: -50, max: 2000 }),
          armSeconds: fc.double({ min: 0.1, max: 60, noNaN: true }),
          verifySeconds: fc.constantFrom(0, 6),
          candidates: fc.integer({ min: 1, max: 12 }),
          pairs: fc.integer({ min: 6, max: 40 }),
        }),
        (random) => {
          const budget = planBudget(random);
          expect(budget.pairs).toBeGreaterThanOrEqual(6);
          expect(budget.pairs).toBeLessThanOrEqual(random.pairs);
          expect(budget.candidates).toBeGreaterThanOrEqual(1);
          expect(budget.candidates).toBeLessThanOrEqual(random.candidates);
          if (budget.fits) expect(budget.seconds).toBeLessThanOrEqual(random.secondsLeft);
          else expect(budget.candidates).toBe(1);
        },
      ),
    );
  });
});
