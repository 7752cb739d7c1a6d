import { describe, expect, test } from "vitest";
import { SchedcpError } from "../../contract/errors.ts";
import type { TaskSample } from "../../contract/measurement.ts";
import type { RunReport } from "../../contract/node-protocol.ts";
import { type Workload, workloadSchema } from "../../contract/workload.ts";
import { escapedTail } from "./escaped-text.ts";
import { entriesWithOutput, metricDefinitions, runMetrics } from "./metrics.ts";

function workload(more: Record<string, unknown> = {}): Workload {
  return workloadSchema.parse({
    name: "w",
    run: [
      { name: "server", command: "serve", background: true },
      { name: "client", count: 2, command: "ask" },
    ],
    objective: { metric: "makespan", direction: "minimise" },
    ...more,
  });
}

function task(entry: string, index: number, endMs: number, cpuMs: number): TaskSample {
  return {
    entry,
    index,
    startMs: 0,
    endMs,
    userMs: cpuMs,
    systemMs: 0,
    waitMs: 0,
    runs: 1,
    voluntarySwitches: 0,
    involuntarySwitches: 0,
    maxRssKib: 1,
  };
}

function report(output: Record<string, string[]> = {}): RunReport {
  return {
    outcome: "done",
    failure: null,
    makespanMs: 9999,
    tasks: [task("server", 0, 9999, 5), task("client", 0, 1000, 300), task("client", 1, 2000, 600)],
    counters: { contextSwitches: 500, runDelayMs: 400, timeslices: 200, idleMs: 0 },
    output,
    trace: null,
  };
}

const patternObjective = (pattern: string, from?: string) => ({
  objective: { metric: "score", pattern, direction: "maximise", ...(from ? { from } : {}) },
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof SchedcpError) return thrown.code;
    throw thrown;
  }
  return "none";
}

describe("runMetrics", () => {
  test("follows the definitions, without the background entry", () => {
    expect(runMetrics(report(), workload())).toEqual({
      makespan: 2,
      throughput: 1,
      "latency-p50": 1.5,
      "latency-p95": 1.95,
      "latency-p99": 1.99,
      "wait-mean": 2,
      // Both clients had 0.3 of a CPU while they lived.
      fairness: 1,
      "context-switches": 250,
    });
  });

  test("a number in the output: the last match of the last task that has one", () => {
    const output = { client: ["score 5\nscore 7\n", "nothing"], server: ["score 99"] };
    const metrics = (objective: Record<string, unknown>) =>
      runMetrics(report(output), workload(objective)).score;
    expect(metrics(patternObjective("^score ([0-9]+)$", "client"))).toBe(7);
    expect(metrics(patternObjective("score ([0-9]+)"))).toBe(99);
  });

  test("what is not there, no number or not positive is a clear error", () => {
    const metrics = (text: string) => () =>
      runMetrics(report({ client: [text] }), workload(patternObjective("score (.*)", "client")));
    expect(codeOf(metrics("no match"))).toBe("workload-failed");
    expect(codeOf(metrics("score fast"))).toBe("workload-failed");
    expect(codeOf(metrics("score 0"))).toBe("workload-failed");
    expect(codeOf(metrics("score 3.5e2"))).toBe("none");
    expect(metrics("no\u001b[2J match")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('"no\\u{1b}[2J match"') }),
    );
  });

  test("a pattern that backtracks for ever is stopped", () => {
    const endless = workload(patternObjective("(a+)+$x", "client"));
    const output = { client: [`${"a".repeat(60_000)}b`] };
    const startedMs = performance.now();
    expect(codeOf(() => runMetrics(report(output), endless))).toBe("workload-invalid");
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  test("a metric that this workload cannot have is refused where it is asked for", () => {
    const single = {
      run: [{ name: "client", command: "ask" }],
      guardrails: [{ metric: "fairness", worstPercent: 5 }],
    };
    const alone = { ...report(), tasks: [task("client", 0, 1000, 300)] };
    expect(codeOf(() => runMetrics(alone, workload(single)))).toBe("workload-invalid");
    expect(runMetrics(alone, workload({ run: single.run }))).not.toHaveProperty("fairness");
  });
});

describe("metricDefinitions", () => {
  test("the objective first, and only the entries with a pattern give output", () => {
    const own = workload(patternObjective("([0-9]+)", "client"));
    expect(metricDefinitions(own)[0]).toMatchObject({ name: "score", unit: "", required: true });
    expect(entriesWithOutput(own)).toEqual(["client"]);
    expect(entriesWithOutput(workload())).toEqual([]);
  });

  test("unknown, ambiguous or directionless metrics are refused", () => {
    const defined = (more: Record<string, unknown>) =>
      codeOf(() => metricDefinitions(workload(more)));
    expect(defined({ guardrails: [{ metric: "sped", worstPercent: 1 }] })).toBe("workload-invalid");
    expect(defined({ guardrails: [{ metric: "x", pattern: "(.)", worstPercent: 1 }] })).toBe(
      "workload-invalid",
    );
    expect(defined({ guardrails: [{ metric: "makespan", pattern: "(.)", worstPercent: 1 }] })).toBe(
      "workload-invalid",
    );
  });
});

test("escapedTail keeps letters, names control characters, cuts at the front", () => {
  expect(escapedTail("größe\n\u001b]0;x\u0007", 100)).toBe("größe\\n\\u{1b}]0;x\\u{7}");
  expect(escapedTail("x".repeat(50), 10)).toBe(`…${"x".repeat(10)}`);
  expect(escapedTail("a\u202eb", 10)).toBe("a\\u{202e}b");
});
