// The corpus's policies under the adversarial suite: those that are labelled as harmful here are
// rejected by the rule that they break, and none of the good ones is rejected. A few, drawn anew each time.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalControlPlane } from "../../src/control/local-control-plane.ts";
import { type CorpusPolicy, drawn, readCorpus } from "../corpus/read-corpus.ts";

let directory: string;
let control: LocalControlPlane;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-corpus-"));
  control = new LocalControlPlane({ storePath: join(directory, "store.sqlite") });
});
afterAll(async () => {
  await control.close();
  rmSync(directory, { recursive: true });
});

async function outcomeOf({ name, source }: CorpusPolicy) {
  const policy = { kind: "source" as const, name: "candidate", source };
  const { report } = await control.simulate({ policy, parameters: {} });
  const errors = report.findings
    .filter(({ severity }) => severity === "error")
    .map(({ rule, message }) => ({ rule, message }));
  return { name, verdict: report.verdict, errors };
}

const harmful = drawn(
  readCorpus("bad").filter(({ stage }) => stage === "simulate"),
  6,
);

test.each(harmful.map((policy) => [policy.name, policy] as const))("%s", async (_name, policy) => {
  const { verdict, errors } = await outcomeOf(policy);
  expect(errors.map(({ rule }) => rule)).toContain(policy.rule);
  expect(verdict).toBe("reject");
});

test.each(drawn(readCorpus("good"), 4).map((policy) => [policy.name, policy] as const))(
  "%s passes",
  async (_name, policy) => {
    expect(await outcomeOf(policy)).toEqual({ name: policy.name, verdict: "pass", errors: [] });
  },
);
