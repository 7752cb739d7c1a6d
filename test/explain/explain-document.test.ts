// Explanations of what is stored, or was printed with --json: verdicts, measurements; and of the log of the
// kernel's verifier.

import { expect, test } from "vitest";
import type { Finding, Verdict } from "../../src/contract/verdict.ts";
import { explainDocument } from "../../src/control/explain/explain-document.ts";
import { explainText } from "../../src/control/explain/explain-text.ts";
import { readRefusal } from "../verifier/stored-refusal.ts";

const verdict = (findings: Verdict["findings"], said: Verdict["verdict"] = "reject"): Verdict => ({
  verdict: said,
  policy: { name: "trial", sourceSha256: "0", parameters: {} },
  stages: [],
  findings,
  evidence: {},
});

test("a rejection: its first error, with the line and the remedy", () => {
  const explanation = explainDocument(
    verdict([
      {
        rule: "static/weights",
        severity: "warning",
        message: "ignores weights",
        hint: "Use them.",
      },
      {
        rule: "load/unchecked-lookup",
        severity: "error",
        message: "a lookup is used unchecked\ntrial.bpf.c:7: *n += 1;",
        hint: "Check it.",
        location: { file: "trial.bpf.c", line: 7 },
      },
    ]),
  );
  expect(explanation).toEqual({
    kind: "verdict",
    cause: "load/unchecked-lookup",
    blame: "scheduler",
    summary: "trial: reject. A lookup is used unchecked.",
    evidence: [
      "trial.bpf.c:7: *n += 1;",
      "at trial.bpf.c:7",
      "also static/weights: ignores weights",
    ],
    remedy: ["Check it."],
  });
});

test("a finding of the simulator hands its counterexample on", () => {
  const scenario = { name: "small" };
  const finding: Finding = {
    rule: "simulate/stall",
    severity: "error",
    message: "it stalls",
    hint: "Mend it.",
    counterexample: { scenario },
  };
  expect(explainDocument(verdict([finding]))?.scenario).toEqual(scenario);
});

test("a pass has nothing to blame", () => {
  const explanation = explainDocument({ kind: "verdict", document: verdict([], "pass") });
  expect(explanation).toMatchObject({ cause: "verdict/pass", blame: "unknown", remedy: [] });
});

test("what could not be decided is nobody's fault", () => {
  const finding: Finding = {
    rule: "exercise/undecided",
    severity: "warning",
    message: "the guest hung",
    hint: "Again.",
  };
  expect(explainDocument(verdict([finding], "inconclusive"))?.blame).toBe("unknown");
});

test("a measurement: which way, how sure, what else changed", () => {
  const spread = { median: 1, mean: 1, min: 1, max: 1, cvPercent: 1 };
  const change = (metric: string, gain: number, low: number, high: number) => ({
    ...{ metric, unit: "ms", direction: "minimise", default: spread, candidate: spread },
    ...{ improvementPercent: gain, confidenceInterval: [low, high] },
  });
  const measurement = (objective: object) => ({
    ...{ id: "m", workload: "w", workloadSha256: "0", startedAt: "", seconds: 1, seed: 1 },
    policy: { name: "trial", sourceSha256: "0", parameters: {} },
    environment: {
      ...{ node: "lab", kernel: "7.2", cpus: 2, memoryMib: 1024, accelerator: "tcg" },
      ...{ emulated: true, imageSha256: "0" },
    },
    objective,
    others: [change("wait-p99", -20, -30, -10), change("switches", 1, -2, 3)],
    guardrails: [],
    ...{ pairs: [], voidPairs: 0, guestsRetried: 0, complete: true },
  });
  const better = explainDocument(measurement(change("makespan", 12, 8, 15)));
  expect(better).toMatchObject({ kind: "measurement", cause: "measurement/better" });
  expect(better?.evidence.join("\n")).toContain("wait-p99");
  expect(better?.evidence.join("\n")).not.toContain("switches");
  const same = explainDocument(measurement(change("makespan", 1, -3, 4)));
  expect(same).toMatchObject({ cause: "measurement/no-difference", blame: "unknown" });
});

test("the log of the kernel's verifier, bare and as libbpf prints it", () => {
  const log = String(readRefusal("unchecked-lookup-1").details?.log);
  const printed = `libbpf: prog 'a': BPF program load failed: -EACCES\nlibbpf: prog 'a': -- BEGIN PROG LOAD LOG --\n${log}\n-- END PROG LOAD LOG --\n`;
  for (const text of [log, printed]) {
    expect(explainText(text, "a log")).toMatchObject({
      kind: "refusal",
      cause: "load/unchecked-lookup",
      blame: "scheduler",
    });
  }
});

test("anything else is not taken for one of them", () => {
  expect(explainDocument({ kind: "verdict", document: { verdict: "maybe" } })).toBeNull();
  expect(explainDocument(null)).toBeNull();
});
