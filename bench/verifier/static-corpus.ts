// The labelled policies that the static stage is held against: test/corpus/bad/static-*, all of
// test/corpus/good, and the seeds. For the bench here and test/verifier/static.lab.test.ts.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../src/contract/verdict.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { analyse } from "../../src/control/verifier/static/analyse.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { type CorpusPolicy, readCorpus } from "../../test/corpus/read-corpus.ts";

export type Labelled = Pick<CorpusPolicy, "name" | "source" | "expect" | "rule">;

export function badPolicies(): Labelled[] {
  return readCorpus("bad").filter(({ name }) => name.startsWith("static-"));
}

/** What a later stage finds passes this one. */
export function goodPolicies(): Labelled[] {
  return readCorpus("good").map((policy) =>
    policy.stage === "static" ? policy : { ...policy, expect: "pass" as const, rule: null },
  );
}

export function seedPolicies(): Labelled[] {
  const directory = fileURLToPath(new URL("../../policies/", import.meta.url));
  return readdirSync(directory)
    .sort()
    .map((name) => ({
      name,
      source: readFileSync(`${directory}${name}/policy.bpf.c`, "utf8"),
      ...{ expect: "pass" as const, rule: null },
    }));
}

export interface Judged {
  findings: readonly Finding[];
  /** Reading the object, and the analysis. */
  readMs: number;
  analyseMs: number;
  object: Uint8Array;
}

export async function judge(
  { name, source }: Labelled,
  vmlinuxHeaderPath: string,
  kernel: Btf,
): Promise<Judged> {
  const compiled = await compilePolicy({ name, source, vmlinuxHeaderPath });
  if (!compiled.ok)
    throw new Error(`${name} does not compile: ${JSON.stringify(compiled.findings, null, 1)}`);
  return { ...judgeObject(compiled.object, kernel), object: compiled.object };
}

export function judgeObject(bytes: Uint8Array, kernel: Btf): Omit<Judged, "object"> {
  const started = performance.now();
  const object = readBpfObject(bytes, kernel);
  const read = performance.now();
  const { findings } = analyse({ object });
  return { findings, readMs: read - started, analyseMs: performance.now() - read };
}

/** Null: as the label says; else what is otherwise. */
export function difference(
  { expect, rule }: Labelled,
  findings: readonly Finding[],
): string | null {
  const errors = findings.filter(({ severity }) => severity === "error");
  const said = findings.map((each) => `${each.severity} ${each.rule}: ${each.message}`);
  if (expect === "reject") {
    const isFound = errors.some((each) => each.rule === rule);
    return isFound ? null : `missed ${rule}: ${said.join("; ") || "nothing found"}`;
  }
  if (errors.length > 0) return `falsely rejected: ${said.join("; ")}`;
  if (expect === "pass") return null;
  const isSaid = findings.some((each) => each.rule === rule && each.severity === "warning");
  return isSaid ? null : `missed ${rule}: ${said.join("; ") || "nothing found"}`;
}
