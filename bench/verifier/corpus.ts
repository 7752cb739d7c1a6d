// The whole verifier over the whole corpus: what it caught, missed and falsely rejected, by the stage that
// said so, and how long a verdict took. Bad policies stop where they are seen; good ones go all the way.
// `sh bin/node bench/verifier/corpus.ts [PART OF A NAME]`: some 15 s a good policy under emulation.

import { readdirSync, readFileSync } from "node:fs";
import type { Verdict } from "../../src/contract/verdict.ts";
import { ConfinedJudge } from "../../src/control/confinement/confined-judge.ts";
import { verifyPolicy } from "../../src/control/verifier/verifier.ts";
import { openLab } from "../../src/lab/lab.ts";
import { judged, readCorpus } from "../../test/corpus/read-corpus.ts";

const wanted = process.argv[2] ?? "";
const silent = (): void => undefined;
const lab = await openLab({ mayBuild: false });
const judge = new ConfinedJudge();
const vmlinuxHeaderPath = await lab.vmlinuxHeader(silent);
const kernel = await lab.kernelTypes(silent);
const context = { nodes: lab, judge, kernel, vmlinuxHeaderPath, progress: silent };

const seeds = readdirSync("policies").map((name) => {
  const source = readFileSync(`policies/${name}/policy.bpf.c`, "utf8");
  return { name, source, expect: "pass" as const, stage: null, rule: null };
});
const corpus = [...seeds, ...readCorpus("good"), ...readCorpus("bad")];
const outcomes: { as: string; stage: string; ms: number; expect: string }[] = [];
for (const policy of corpus.filter(({ name }) => name.includes(wanted))) {
  const { name, source, expect } = policy;
  const startedMs = performance.now();
  const { verdict } = await verifyPolicy(
    {
      input: { kind: "source", name: name.slice(0, 48), source },
      ...{ parameters: {}, workload: null },
    },
    context,
  );
  const ms = performance.now() - startedMs;
  const as = judged(policy, verdict);
  const stage = verdict.stages.find(({ status }) => status === "reject")?.stage ?? "";
  outcomes.push({ as, stage, ms, expect });
  const seconds = (ms / 1000).toFixed(1).padStart(5);
  console.log(`${as.padEnd(16)} ${name.padEnd(40)} ${seconds} s  ${errorsOf(verdict)}`);
}
await judge.close();
await lab.close();

console.log("\nstopped by stage:");
const stages = new Set(outcomes.map(({ stage }) => stage).filter((stage) => stage !== ""));
for (const stage of stages) {
  const there = outcomes.filter((outcome) => outcome.stage === stage);
  console.log(`  ${stage.padEnd(10)} ${there.length} (${medianSeconds(there)} s)`);
}
for (const as of new Set(outcomes.map((outcome) => outcome.as))) {
  const there = outcomes.filter((outcome) => outcome.as === as);
  console.log(`${as}: ${there.length} (median ${medianSeconds(there)} s)`);
}
process.exitCode = outcomes.some(({ as }) => as === "missed" || as === "falsely rejected") ? 1 : 0;

function errorsOf({ verdict, findings }: Omit<Verdict, "token">): string {
  const errors = findings.filter(({ severity }) => severity === "error").map(({ rule }) => rule);
  return `${verdict} ${[...new Set(errors)].join(" ")}`;
}

function medianSeconds(outcomesOf: readonly { ms: number }[]): string {
  const sorted = outcomesOf.map(({ ms }) => ms).sort((a, b) => a - b);
  return ((sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000).toFixed(1);
}
