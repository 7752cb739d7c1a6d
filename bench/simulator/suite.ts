// The adversarial suite over policies of known worth: time and events per family, what is found in
// correct ones (native ones, the seed policies' objects, the default scheduler: nothing may be an error)
// and in harmful ones (the right rule must be), and how near each came to a bound.
// `sh bin/node bench/simulator/suite.ts [SEEDS] [NAME...]`

import { type PolicyFactory, runChecked } from "../../src/simulator/checks/checked-run.ts";
import { runSuite, type SuiteOutcome } from "../../src/simulator/checks/suite.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import { suiteSize } from "../../src/simulator/scenario/family.ts";
import { families, familySeed } from "../../src/simulator/scenario/suite-families.ts";
import { correctPolicies, harmfulPolicies } from "../../test/simulator/native-policies.ts";
import { seedObjects } from "./seed-objects.ts";

const seeds = Number(process.argv[2] ?? 3);
const only = process.argv.slice(3);
const wanted = ([name]: readonly [string, unknown]) => only.length === 0 || only.includes(name);
let bad = 0;

const correct = [...Object.entries(correctPolicies), ...(await seedPolicies())].filter(wanted);
const harmful = Object.entries(harmfulPolicies).filter(wanted);

timeFamilies();
for (const [name, make] of [["default", null] as const, ...correct].filter(wanted)) {
  singleRuns(name, make);
}
correctSuites();
harmfulSuites();
console.log(bad === 0 ? "\nas wanted" : `\n${bad} not as wanted`);
process.exitCode = bad === 0 ? 0 : 1;

async function seedPolicies(): Promise<[string, PolicyFactory][]> {
  const { objects, kernelTypes } = await seedObjects();
  const btf = kernelBtf(kernelTypes);
  return [...objects].map(([name, objectBytes]) => [
    `seed:${name}`,
    ({ topology, cgroups }) => createPolicy({ objectBytes, kernelBtf: btf, topology, cgroups }),
  ]);
}

/** Warm, under the first correct policy. */
function timeFamilies(): void {
  const [name, make] = correct[0] ?? [];
  if (name === undefined || make === undefined) return;
  console.log(`Families under ${name}, mean of ${seeds} seeds`);
  for (const [index, family] of families.entries()) {
    const startedMs = performance.now();
    let events = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      events += runChecked(family.make(familySeed(seed, index), suiteSize), make).events;
    }
    const ms = ((performance.now() - startedMs) / seeds).toFixed(1).padStart(8);
    console.log(`${family.name.padEnd(22)} ${ms} ms ${Math.round(events / seeds)} events`);
  }
}

/** What single runs show: every error and warning, once. */
function singleRuns(name: string, make: PolicyFactory | null): void {
  const seen = new Map<string, string>();
  for (const [index, family] of families.entries()) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const run = runChecked(family.make(familySeed(seed, index), suiteSize), make);
      if (run.inconclusive !== null) {
        bad += 1;
        seen.set(`${family.name} inconclusive`, run.inconclusive);
      }
      for (const { severity, rule, message } of run.violations) {
        if (severity === "error") bad += 1;
        if (severity !== "note") seen.set(`${family.name} ${severity} ${rule}`, message);
      }
    }
  }
  console.log(`\n${name}: ${seen.size} findings in ${families.length} families`);
  for (const [what, message] of seen) console.log(`  ${what}: ${message}`);
}

function timed(make: PolicyFactory, seed: number): { suite: SuiteOutcome; ms: number } {
  const startedMs = performance.now();
  const suite = runSuite(make, { seed });
  return { suite, ms: performance.now() - startedMs };
}

function correctSuites(): void {
  console.log("\nCorrect policies, whole suite with search");
  const nearest = new Map<string, { ratio: number; name: string }>();
  for (const [name, make] of correct) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { suite, ms } = timed(make, seed);
      if (suite.outcome !== "pass") bad += 1;
      const rules = suite.findings.map(({ rule, severity }) => `${severity} ${rule.slice(9)}`);
      console.log(
        `${name.padEnd(24)} seed ${seed} ${suite.outcome} ${ms.toFixed(0)} ms ${suite.events} events: ${rules.join(", ")}`,
      );
      for (const { rule, severity, ratio } of suite.readings) {
        const key = `${rule} ${severity}`;
        if (ratio > (nearest.get(key)?.ratio ?? -1)) nearest.set(key, { ratio, name });
      }
    }
  }
  console.log("\nNearest miss of a correct policy (1 is the bound)");
  for (const [key, { ratio, name }] of nearest) {
    console.log(`${key.padEnd(28)} ${ratio.toFixed(3).padStart(8)} ${name}`);
  }
}

function harmfulSuites(): void {
  console.log("\nHarmful policies");
  for (const [name, { make, rules }] of harmful) {
    let weakest = Number.POSITIVE_INFINITY;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { suite, ms } = timed(make, seed);
      const errors = suite.findings.filter(({ severity }) => severity === "error");
      const found = errors.map(({ rule }) => rule.slice("simulate/".length));
      const right = rules.every((rule) => found.includes(rule));
      if (!right) bad += 1;
      console.log(
        `${name.padEnd(24)} seed ${seed} ${right ? "caught" : "MISSED"} ${ms.toFixed(0)} ms ${suite.events} events: ${found.join(", ")}`,
      );
      if (seed === 1) for (const { message } of errors) console.log(`  ${message}`);
      for (const { rule, severity, ratio } of suite.readings) {
        if (severity === "error" && rules.includes(rule)) weakest = Math.min(weakest, ratio);
      }
    }
    console.log(`  weakest reading of ${rules.join(", ")}: ${weakest.toFixed(2)} of the bound`);
  }
}
