import { describe, expect, test } from "vitest";
import { scriptedEnvironment } from "../../../test/doubles/scripted-nodes.ts";
import type { TaskSample } from "../../contract/measurement.ts";
import type { RunReport } from "../../contract/node-protocol.ts";
import { type Workload, workloadSchema } from "../../contract/workload.ts";
import { profileOf } from "./profile.ts";

interface Shape {
  name: string;
  count?: number;
  background?: boolean;
  endMs: number;
  cpuMs: number;
  waitMs?: number;
  voluntary?: number;
  involuntary?: number;
}

function profile(shapes: Shape[], contextSwitches = 1000) {
  const workload: Workload = workloadSchema.parse({
    name: "shape",
    run: shapes.map(({ name, count = 1, background = false }) => ({
      name,
      count,
      background,
      command: "true",
    })),
    objective: { metric: "makespan", direction: "minimise" },
  });
  const tasks = shapes.flatMap((shape) =>
    Array.from(
      { length: shape.count ?? 1 },
      (_, index): TaskSample => ({
        entry: shape.name,
        index,
        startMs: 0,
        endMs: shape.endMs,
        userMs: shape.cpuMs,
        systemMs: 0,
        waitMs: shape.waitMs ?? Math.max(0, shape.endMs - shape.cpuMs),
        runs: 10,
        voluntarySwitches: shape.voluntary ?? 1,
        involuntarySwitches: shape.involuntary ?? 50,
        maxRssKib: 1,
      }),
    ),
  );
  const report: RunReport = {
    outcome: "done",
    failure: null,
    makespanMs: 0,
    tasks,
    counters: { contextSwitches, runDelayMs: 0, timeslices: 1, idleMs: 0 },
    output: {},
    trace: null,
  };
  return profileOf({ workload, workloadSha256: "0", environment: scriptedEnvironment, report });
}

describe("profileOf", () => {
  test("two kinds of jobs: an imbalanced batch, with the figures that say so", () => {
    const found = profile([
      { name: "short", count: 20, endMs: 2000, cpuMs: 180 },
      { name: "long", endMs: 3000, cpuMs: 2000 },
    ]);
    expect(found.kind).toBe("batch-imbalanced");
    expect(found.makespanMs).toBe(3000);
    expect(found.utilisation).toBeCloseTo(5600 / 6000);
    expect(found.imbalance).toBeCloseTo(2000 / 180);
    // Every one of the 21 is runnable all the time, on 2 CPUs.
    expect(found.oversubscription).toBeCloseTo(10.5);
    expect(found.entries[0]).toMatchObject({
      name: "short",
      count: 20,
      cpuMs: 180,
      cpuShare: 0.09,
    });
    expect(found.summary).toContain("20 × short");
  });

  test("a long tail on idle CPUs is still an imbalanced batch, though waits are not all seen", () => {
    const found = profile([
      { name: "short", count: 39, endMs: 1000, cpuMs: 40, waitMs: 10 },
      { name: "long", endMs: 10_000, cpuMs: 8000, waitMs: 10 },
    ]);
    expect(found.utilisation).toBeLessThan(0.6);
    expect(found.oversubscription).toBeCloseTo(20);
    expect(found.kind).toBe("batch-imbalanced");
  });

  test("the other kinds", () => {
    expect(profile([{ name: "job", count: 8, endMs: 2000, cpuMs: 480 }]).kind).toBe(
      "batch-uniform",
    );
    expect(
      profile([
        { name: "server", background: true, endMs: 2000, cpuMs: 900 },
        { name: "client", endMs: 2000, cpuMs: 500 },
      ]).kind,
    ).toBe("request-response");
    expect(
      profile([{ name: "bench", endMs: 2000, cpuMs: 3800, voluntary: 30_000 }], 40_000).kind,
    ).toBe("message-passing");
    expect(
      profile([
        { name: "pinger", count: 4, endMs: 2000, cpuMs: 100, voluntary: 400, involuntary: 5 },
      ]).kind,
    ).toBe("request-response");
    expect(profile([{ name: "copy", endMs: 2000, cpuMs: 900 }]).kind).toBe("mixed");
  });

  test("the summary stays within 150 tokens whatever the workload", () => {
    const shapes = Array.from({ length: 64 }, (_, index) => ({
      name: `${"long-name-of-an-entry".repeat(2)}-${index}`,
      count: 16,
      endMs: 123_456,
      cpuMs: 12_345,
    }));
    const { summary } = profile(shapes, 9_999_999);
    expect(Buffer.byteLength(summary) / 4).toBeLessThanOrEqual(150);
    expect(summary).toContain("more");
  });
});
