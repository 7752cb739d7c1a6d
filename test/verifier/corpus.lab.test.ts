// The whole verifier over the corpus: harmful policies are stopped in the stage that their label names or
// before, good ones pass. A few of each kind, drawn anew each time.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfinedJudge } from "../../src/control/confinement/confined-judge.ts";
import type { TargetKernel } from "../../src/control/verifier/execution-verifier.ts";
import { verifyPolicy } from "../../src/control/verifier/verifier.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { type CorpusPolicy, drawn, judged, readCorpus } from "../corpus/read-corpus.ts";

const silent = (): void => undefined;
let lab: Lab;
let kernel: TargetKernel;
let vmlinuxHeaderPath: string;
const judge = new ConfinedJudge();

beforeAll(async () => {
  lab = await openLab({ mayBuild: false });
  kernel = await lab.kernelTypes(silent);
  vmlinuxHeaderPath = await lab.vmlinuxHeader(silent);
});
afterAll(async () => {
  await judge.close();
  await lab.close();
});

async function verify({ name, source }: CorpusPolicy) {
  const input = { kind: "source" as const, name: name.slice(0, 48), source };
  const { verdict } = await verifyPolicy(
    { input, parameters: {}, workload: null },
    { nodes: lab, judge, kernel, vmlinuxHeaderPath, progress: silent },
  );
  return verdict;
}

test("the corpus is large enough to mean something", () => {
  const bad = readCorpus("bad").filter((policy) => policy.expect === "reject");
  expect(bad.length).toBeGreaterThanOrEqual(60);
  expect(readCorpus("good").length).toBeGreaterThanOrEqual(25);
});

describe("a harmful policy is stopped", () => {
  const bad = readCorpus("bad").filter((policy) => policy.expect === "reject");
  const of = (stage: string) => bad.filter((policy) => policy.stage === stage);
  const taken = [...drawn(of("simulate"), 3), ...drawn(of("load"), 2), ...drawn(of("exercise"), 1)];

  test.each(taken)("$name by $rule or before", async (policy) => {
    const verdict = await verify(policy);
    expect(["caught", "caught early"]).toContain(judged(policy, verdict));
    const error = verdict.findings.find(({ severity }) => severity === "error");
    expect(error?.message.length).toBeGreaterThan(10);
    expect(error?.hint.length).toBeGreaterThan(20);
  });
});

describe("a good policy passes", () => {
  test.each(drawn(readCorpus("good"), 1))("$name", async (policy) => {
    expect(judged(policy, await verify(policy))).toBe("passed");
  });
});
