// The labelled policies that the static stage is held against: test/corpus/bad/static-*, all of
// test/corpus/good, and the seeds. For the bench here and test/verifier/static.lab.test.ts.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../src/contract/verdict.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { analyse } from "../../src/control/verifier/static/analyse.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";

export interface Labelled {
  name: string;
  source: string;
  /** What the static stage has to say; the rule of `reject` and `warn`. */
  expected: { verdict: "reject" | "warn" | "pass"; rule: string };
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const label = /^\/\/ expect: (reject|warn|pass)(?: (\w+))?(?: ([\w/-]+))?\s*$/m;

function read(directory: string, file: string): Labelled {
  const source = readFileSync(`${root}test/corpus/${directory}/${file}`, "utf8");
  const match = label.exec(source);
  if (match === null) throw new Error(`${file} has no label`);
  const [, verdict, stage, rule = ""] = match;
  // What a later stage finds passes this one.
  const isOurs = stage === "static";
  const expected = {
    verdict: isOurs ? (verdict as "reject" | "warn") : ("pass" as const),
    rule: isOurs ? rule : "",
  };
  return { name: file.replace(/\.bpf\.c$/, ""), source, expected };
}

export function badPolicies(): Labelled[] {
  return readdirSync(`${root}test/corpus/bad`)
    .filter((file) => file.startsWith("static-"))
    .sort()
    .map((file) => read("bad", file));
}

export function goodPolicies(): Labelled[] {
  return readdirSync(`${root}test/corpus/good`)
    .filter((file) => file.endsWith(".bpf.c"))
    .sort()
    .map((file) => read("good", file));
}

export function seedPolicies(): Labelled[] {
  return readdirSync(`${root}policies`)
    .sort()
    .map((name) => ({
      name,
      source: readFileSync(`${root}policies/${name}/policy.bpf.c`, "utf8"),
      expected: { verdict: "pass", rule: "" },
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
export function difference({ expected }: Labelled, findings: readonly Finding[]): string | null {
  const errors = findings.filter(({ severity }) => severity === "error");
  const said = findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
  if (expected.verdict === "reject") {
    const isFound = errors.some(({ rule }) => rule === expected.rule);
    return isFound ? null : `missed ${expected.rule}: ${said.join("; ") || "nothing found"}`;
  }
  if (errors.length > 0) return `falsely rejected: ${said.join("; ")}`;
  if (expected.verdict === "pass") return null;
  const isSaid = findings.some(
    ({ rule, severity }) => rule === expected.rule && severity === "warning",
  );
  return isSaid ? null : `missed ${expected.rule}: ${said.join("; ") || "nothing found"}`;
}
