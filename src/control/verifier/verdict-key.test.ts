import { expect, test } from "vitest";
import { sealEvidence } from "./evidence.ts";
import { type VerdictSubject, verdictKey } from "./verdict-key.ts";

const subject: VerdictSubject = {
  input: { kind: "source", name: "mine", source: "int x;" },
  parameters: { slice_us: 1000, fast: true },
  workloadSha256: null,
  btfSha256: "b",
  imageSha256: "i",
  rulesSha256: "r",
  compilerSha256: "c",
};

test("the same question has the same key, in whatever order its parameters stand", () => {
  const reordered = { ...subject, parameters: { fast: true, slice_us: 1000 } };
  expect(verdictKey(reordered)).toBe(verdictKey({ ...subject }));
});

test("whatever a verdict holds for is part of its key", () => {
  const others: VerdictSubject[] = [
    { ...subject, input: { kind: "source", name: "mine", source: "int y;" } },
    { ...subject, input: { kind: "source", name: "yours", source: "int x;" } },
    { ...subject, input: { kind: "object", name: "mine", object: Buffer.from("int x;") } },
    { ...subject, parameters: { slice_us: 1000, fast: false } },
    { ...subject, parameters: { slice_us: 1000 } },
    { ...subject, parameters: { slice_us: "1000", fast: true } },
    { ...subject, workloadSha256: "w" },
    { ...subject, btfSha256: "other" },
    { ...subject, imageSha256: "other" },
    { ...subject, rulesSha256: "other" },
    { ...subject, compilerSha256: "other" },
    // Two neighbours that share their letters out in another way.
    { ...subject, btfSha256: "bi", imageSha256: "" },
    { ...subject, input: { kind: "source", name: "minei", source: "nt x;" } },
  ];
  const keys = new Set([subject, ...others].map(verdictKey));
  expect(keys.size).toBe(others.length + 1);
});

test("evidence of the same judgement has one digest, however long it took", () => {
  const verdict = {
    verdict: "pass" as const,
    policy: { name: "mine", sourceSha256: "s", objectSha256: "o", parameters: { b: 1, a: 2 } },
    stages: [{ stage: "input" as const, status: "pass" as const, durationMs: 1 }],
    findings: [],
    evidence: { kernel: "7.2", seed: 3 },
  };
  const later = {
    ...verdict,
    policy: { ...verdict.policy, parameters: { a: 2, b: 1 } },
    stages: [
      { ...verdict.stages[0], stage: "input" as const, status: "pass" as const, durationMs: 9 },
    ],
    evidence: { seed: 3, kernel: "7.2" },
  };
  expect(sealEvidence(later, null)).toEqual(sealEvidence(verdict, null));
  expect(sealEvidence(verdict, "w").sha256).not.toBe(sealEvidence(verdict, null).sha256);
  const other = { ...verdict, evidence: { kernel: "7.3", seed: 3 } };
  expect(sealEvidence(other, null).sha256).not.toBe(sealEvidence(verdict, null).sha256);
});
