// The eight batch workloads of the paper, each optimised in the lab; prints a table in Markdown:
// `sh bin/node bench/batch.ts [BUDGET_SECONDS] [WORKLOAD…]`. Takes some 5 minutes a workload.

import { spawnSync } from "node:child_process";
import { resultSchema } from "../src/contract/result.ts";

const [budget = "240", ...chosen] = process.argv.slice(2);
const workloads =
  chosen.length > 0
    ? chosen
    : [
        "compression",
        "video-transcode",
        "c-test-suite",
        "git-add",
        "checksum",
        "ddos-log-analysis",
        "product-analytics",
        "hot-key-aggregation",
      ];

process.stdout.write(
  "| workload | default | best policy | makespan | 95 % interval | decision |\n",
);
process.stdout.write("|---|---|---|---|---|---|\n");
const reductions: number[] = [];
for (const name of workloads) {
  const run = spawnSync(
    "bin/schedcp",
    ["optimize", `workloads/${name}.yaml`, "--budget", budget, "--json"],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio: ["ignore", "pipe", "inherit"] },
  );
  const result = resultSchema.safeParse(JSON.parse(run.stdout));
  if (!result.success) {
    process.stdout.write(`| ${name} | no result: ${run.stdout.slice(0, 200)} | | | | |\n`);
    continue;
  }
  const { baseline, best, improvementPercent, confidenceInterval, decision } = result.data;
  // A default that stays is a reduction of 0: nothing better was deployed.
  reductions.push(decision === "promote" ? (improvementPercent ?? 0) : 0);
  const percent = (value: number | undefined) => (value === undefined ? "" : value.toFixed(1));
  process.stdout.write(
    `| ${name} | ${baseline?.median.toFixed(2)} ${baseline?.unit} ` +
      `| ${best?.policy.name} ${JSON.stringify(best?.policy.parameters ?? {})} ` +
      `| −${percent(improvementPercent ?? undefined)} % ` +
      `| ${percent(confidenceInterval?.[0])} … ${percent(confidenceInterval?.[1])} % | ${decision} |\n`,
  );
}
const mean = reductions.reduce((sum, value) => sum + value, 0) / reductions.length;
process.stdout.write(`\nmean makespan reduction: ${mean.toFixed(1)} % over ${reductions.length}\n`);
