import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunSummary, TaskSummary } from "../core/run-summary.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { jainIndex, runFigures, WaitCounter } from "./run-figures.ts";

const task = (given: Partial<TaskSummary>): TaskSummary => ({
  spec: 0,
  instance: 0,
  pid: 1,
  startedNs: 0,
  exitedNs: -1,
  ranNs: 0,
  waitedNs: 0,
  waitedMaxNs: 0,
  runs: 0,
  migrations: 0,
  ...given,
});

describe("quantiles of waits", () => {
  test("are within 1/64 of the exact nearest rank, and the longest is exact", () => {
    const waits = fc.array(fc.integer({ min: 1, max: 1e13 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(waits, (list) => {
        const counter = new WaitCounter();
        for (const [number, ns] of list.entries()) {
          counter.woken(1000, number);
          counter.running(1000 + ns, number);
        }
        const found = counter.quantiles(0);
        const sorted = [...list].sort((a, b) => a - b);
        for (const [name, q] of [
          ["p50", 0.5],
          ["p95", 0.95],
          ["p99", 0.99],
        ] as const) {
          const exactNs = sorted[Math.max(1, Math.ceil(q * list.length)) - 1] ?? Number.NaN;
          const foundNs = (found?.[name] ?? Number.NaN) * 1e6;
          expect(foundNs).toBeGreaterThanOrEqual(exactNs * (1 - 1e-9));
          expect(foundNs).toBeLessThanOrEqual(exactNs * (1 + 1 / 64) + 1);
        }
        expect(found?.max).toBe((sorted.at(-1) ?? Number.NaN) / 1e6);
      }),
    );
  });

  test("count a task that is still waiting at the end, and one that was preempted", () => {
    const counter = new WaitCounter();
    counter.woken(0, 0);
    counter.running(1e6, 0);
    counter.stopped(2e6, 0, 0, true);
    expect(counter.quantiles(10e6)?.max).toBe(8);
    expect(new WaitCounter().quantiles(5)).toBe(null);
  });
});

test("Jain's index is 1 for equals and 1/n for one who has all", () => {
  expect(jainIndex([3, 3, 3])).toBe(1);
  expect(jainIndex([0, 5, 0, 0])).toBe(0.25);
  expect(jainIndex([0, 0])).toBe(1);
});

test("figures of a run: fairness by entry, utilisation of the CPUs that were there", () => {
  const scenario = { tasks: [{ entry: "a" }, { entry: "b" }] } as unknown as Scenario;
  const summary: RunSummary = {
    endNs: 100e6,
    exit: { kind: 1026, code: 0, reason: "runnable task stall", message: "m" },
    exitNs: 40e6,
    makespanNs: 80e6,
    finished: true,
    events: 7,
    dispatchRounds: 3,
    forksFailed: 0,
    tasks: [
      task({ ranNs: 30e6, exitedNs: 60e6, migrations: 2 }),
      task({ ranNs: 10e6, instance: 1, exitedNs: 80e6, migrations: 1 }),
      task({ spec: 1, ranNs: 1e6 }),
    ],
    cpus: [
      { busyNs: 41e6, idleNs: 39e6, overheadNs: 0, realtimeNs: 0, offlineNs: 20e6, switches: 9 },
    ],
  };
  expect(runFigures(scenario, summary, new WaitCounter())).toEqual({
    makespanMs: 80,
    finished: true,
    waitMs: null,
    // Shares 0.5 and 0.125 of a lifetime: (0.625)² ÷ (2 × 0.265625).
    fairness: 0.735294,
    utilisationPercent: 51.25,
    switches: 9,
    migrations: 3,
    exit: { kind: 1026, code: 0, reason: "runnable task stall", message: "m", atMs: 40 },
  });
});
