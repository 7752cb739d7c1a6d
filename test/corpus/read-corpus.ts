// The corpus: policies with what the verifier must say of each, in the first lines of the file:
// `// expect: pass`, `// expect: warn STAGE RULE` or `// expect: reject STAGE RULE`. Read by tests and
// benches.

import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type StageName, stageNames, type Verdict } from "../../src/contract/verdict.ts";
import { seededRandom, shuffled } from "../../src/control/deployment/random.ts";

export interface CorpusPolicy {
  /** File name without `.bpf.c`. */
  name: string;
  file: string;
  source: string;
  /** What must be said; stage and rule are null for a plain pass. */
  expect: "pass" | "warn" | "reject";
  stage: StageName | null;
  rule: string | null;
}

const root = fileURLToPath(new URL(".", import.meta.url));

/** Sorted by name. A file without a label, or with one that can't be true, throws. */
export function readCorpus(kind: "bad" | "good"): CorpusPolicy[] {
  const directory = join(root, kind);
  const files = readdirSync(directory).filter((name) => name.endsWith(".bpf.c"));
  return files.sort().map((name) => labelled(join(directory, name), name.slice(0, -6)));
}

function labelled(file: string, name: string): CorpusPolicy {
  const source = readFileSync(file, "utf8");
  const match = /^\/\/ expect: (pass|warn|reject)(?: (\w+) (\S+))?$/m.exec(source);
  const [, expect, stage = null, rule = null] = match ?? [];
  const known = stage === null || stageNames.some((each) => each === stage);
  const complete = expect === "pass" ? true : rule?.startsWith(`${stage}/`);
  if (expect === undefined || !known || complete !== true) {
    throw new Error(`${file} does not begin with "// expect: …" as read-corpus.ts has it`);
  }
  return {
    ...{ name, file, source, rule },
    expect: expect as CorpusPolicy["expect"],
    stage: stage as StageName | null,
  };
}

/**
 * `count` of them drawn by a seed that is printed; SCHEDCP_TEST_SEED=N draws the same again,
 * SCHEDCP_TEST_WHOLE=1 takes all.
 */
export function drawn<T>(policies: readonly T[], count: number): T[] {
  if (process.env.SCHEDCP_TEST_WHOLE === "1") return [...policies];
  return shuffled(policies, random).slice(0, count);
}

const seed = Number(process.env.SCHEDCP_TEST_SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
if (process.env.VITEST !== undefined) console.log(`the corpus is drawn from with seed ${seed}`);

export type Judged =
  | "caught"
  | "caught early"
  | "missed"
  | "passed"
  | "falsely rejected"
  | "undecided";

/** How a verdict stands to the label. `caught early`: a cheaper stage than the label's saw it. */
export function judged(
  label: Pick<CorpusPolicy, "expect" | "stage" | "rule">,
  { verdict, stages, findings }: Pick<Verdict, "verdict" | "stages" | "findings">,
): Judged {
  if (label.expect !== "reject") {
    if (verdict === "reject") return "falsely rejected";
    const warned = label.rule === null || findings.some(({ rule }) => rule === label.rule);
    if (!warned) return "missed";
    return verdict === "pass" ? "passed" : "undecided";
  }
  if (verdict !== "reject") return "missed";
  const stopped = stages.find(({ status }) => status === "reject")?.stage;
  const errors = findings.filter(({ severity }) => severity === "error");
  if (stopped === label.stage && errors.some(({ rule }) => rule === label.rule)) return "caught";
  const place = (stage?: StageName | null) => (stage ? stageNames.indexOf(stage) : -1);
  return place(stopped) <= place(label.stage) ? "caught early" : "missed";
}
