// The whole way, as a user goes it: the entry, the sample workload, the lab's real kernel, a result
// and its report. How much better is for bench/ to say: this machine may be busy.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resultSchema } from "../../src/contract/result.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-optimize-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("optimize finds, verifies and measures a policy for the sample workload", () => {
  const report = join(directory, "report.html");
  const env = { ...process.env, SCHEDCP_DATA_DIR: join(directory, "data") };
  const options = { encoding: "utf8", env, maxBuffer: 64 * 1024 * 1024 } as const;
  const sample = ["optimize", "workloads/two-kinds-of-jobs.yaml", "--report", report];
  const run = spawnSync("bin/schedcp", [...sample, "--budget", "150", "--json"], options);
  const result = resultSchema.parse(JSON.parse(run.stdout));

  expect(result.profile?.kind).toBe("batch-imbalanced");
  expect(result.candidates.length).toBeGreaterThanOrEqual(1);
  for (const { verdict } of result.candidates) {
    expect(verdict.verdict, JSON.stringify(verdict.findings)).not.toBe("reject");
  }
  const measurement = result.best?.measurement;
  expect(measurement?.pairs.length).toBeGreaterThanOrEqual(1);
  expect(measurement?.environment).toMatchObject({ node: "lab", cpus: 2 });
  for (const pair of measurement?.pairs ?? []) {
    expect(pair.default.tasks).toHaveLength(21);
    expect(pair.candidate.tasks).toHaveLength(21);
    const makespans = [pair.candidate.metrics.makespan, pair.default.metrics.makespan];
    expect(pair.ratio).toBeCloseTo((makespans[0] ?? 0) / (makespans[1] ?? 1), 9);
  }
  const [low = 0] = result.confidenceInterval ?? [];
  expect(result.decision === "promote").toBe(low > 0 && measurement?.complete === true);
  expect(run.status).toBe(result.decision === "inconclusive" ? 1 : 0);

  const html = readFileSync(report, "utf8");
  expect(html).toContain("two-kinds-of-jobs");
  expect(html.match(/<svg/g)?.length).toBeGreaterThanOrEqual(3);
  const history = spawnSync("bin/schedcp", ["history", "--json"], options);
  expect(history.stdout).toContain(result.id);
}, 600_000);
