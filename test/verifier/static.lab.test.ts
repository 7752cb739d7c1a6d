// The static stage against the labelled corpus: bad policies of its own are caught by the rule that the
// label names, good ones and seeds are not rejected (some, drawn anew each time: bench/verifier/static.ts
// takes all), each rule has its examples, and broken requests end as they should. Boots nothing.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import {
  badPolicies,
  difference,
  goodPolicies,
  judge,
  seedPolicies,
} from "../../bench/verifier/static-corpus.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { analyse } from "../../src/control/verifier/static/analyse.ts";
import { rules } from "../../src/control/verifier/static/rules.ts";
import { openLab } from "../../src/lab/lab.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { drawn } from "../corpus/read-corpus.ts";

let kernel: Btf;
let vmlinuxHeaderPath: string;

beforeAll(async () => {
  const lab = await openLab({ mayBuild: true });
  kernel = kernelBtf((await lab.kernelTypes(() => undefined)).btf);
  vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
  await lab.close();
}, 600_000);

const bad = badPolicies();

test.each(drawn(bad, 40).map((policy) => [policy.name, policy] as const))(
  "%s is caught",
  async (_, policy) => {
    const { findings } = await judge(policy, vmlinuxHeaderPath, kernel);
    expect(difference(policy, findings)).toBeNull();
    for (const { hint, location, rule } of findings) {
      expect(hint.length).toBeGreaterThan(20);
      if (location === undefined) expect(rule).toMatch(/missing-exit|timeout|weight-ignored/);
      else expect(location.file).toMatch(/\.bpf\.[ch]$/);
    }
  },
);

test.each(
  [...drawn(goodPolicies(), 12), ...seedPolicies()].map((policy) => [policy.name, policy] as const),
)("%s is not rejected", async (_, policy) => {
  const { findings } = await judge(policy, vmlinuxHeaderPath, kernel);
  expect(difference(policy, findings)).toBeNull();
});

test("every rule has its bad examples and stands in the docs", () => {
  const docs = readFileSync(
    fileURLToPath(new URL("../../docs/static-rules.md", import.meta.url)),
    "utf8",
  );
  for (const { id, severity } of rules) {
    const count = bad.filter(({ rule }) => rule === id).length;
    expect([id, count]).toEqual([id, expect.any(Number)]);
    expect(count, id).toBeGreaterThanOrEqual(severity === "error" ? 3 : 1);
    expect(docs, id).toContain(`\`${id}\``);
  }
});

/** A policy of which a knob decides whether it is sound. */
const knobbed = bad.find(({ name }) => name === "static-dsq-never-drained-3");

test("a verdict holds for the parameters it was asked for", async () => {
  if (knobbed === undefined) throw new Error("the corpus lacks static-dsq-never-drained-3");
  const compiled = await compilePolicy({ ...knobbed, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("does not compile");
  const object = readBpfObject(compiled.object, kernel);
  const of = (parameters: Record<string, boolean>): string[] =>
    analyse({ object, parameters }).findings.map(({ rule }) => rule);
  expect(of({ serve_low: false })).toContain("static/dsq-never-drained");
  expect(of({ serve_low: true })).not.toContain("static/dsq-never-drained");
  expect(of({ serve_low: true })).toContain("static/strict-priority");
  expect(() => of({ nothing: true })).toThrow(/no knob/);
});

test("hints decide only where the specification declares them", async () => {
  const policy = bad.find(({ name }) => name === "static-newest-first-5");
  if (policy === undefined) throw new Error("the corpus lacks static-newest-first-5");
  const compiled = await compilePolicy({ ...policy, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("does not compile");
  const object = readBpfObject(compiled.object, kernel);
  const of = (hints: boolean): string[] =>
    analyse({ object, declared: { hints } }).findings.map(({ rule }) => rule);
  expect(of(true)).not.toContain("static/identity");
  expect(of(false)).toContain("static/identity");
});

test("the same object has the same findings every time", async () => {
  const [policy] = bad;
  if (policy === undefined) throw new Error("the corpus is empty");
  const compiled = await compilePolicy({ ...policy, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("does not compile");
  const object = readBpfObject(compiled.object, kernel);
  expect(analyse({ object })).toEqual(analyse({ object }));
});

/** `bpf_for` can't be unrolled by the compiler; this is: one branch after the other. */
const huge = `#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
u64 sums[64];
#define STEP(i) if (flags & (1ULL << (i))) sums[(i)] += __builtin_bswap64(flags + (i)); else barrier();
#define EIGHT(i) STEP(i) STEP(i + 1) STEP(i + 2) STEP(i + 3) STEP(i + 4) STEP(i + 5) STEP(i + 6) STEP(i + 7)
#define ALL EIGHT(0) EIGHT(8) EIGHT(16) EIGHT(24) EIGHT(32) EIGHT(40) EIGHT(48) EIGHT(56)
static __noinline void leaf(u64 flags) { ALL ALL ALL }
static __noinline void middle(u64 f) { leaf(f); leaf(f + 1); leaf(f + 2); leaf(f + 3); leaf(f + 4); leaf(f + 5); }
void BPF_STRUCT_OPS(huge_enqueue, struct task_struct *p, u64 enq_flags)
{
	middle(enq_flags); middle(enq_flags + 1); middle(enq_flags + 2); middle(enq_flags + 3);
	middle(enq_flags + 4); middle(enq_flags + 5); middle(enq_flags + 6); middle(enq_flags + 7);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(huge_ops, .enqueue = (void *)huge_enqueue, .name = "huge");
`;

test("a policy that is too large to look at is neither passed nor rejected", async () => {
  const compiled = await compilePolicy({ name: "huge", source: huge, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  const { status, findings } = analyse({ object: readBpfObject(compiled.object, kernel) });
  expect(findings.map(({ rule }) => rule)).toContain("static/limit");
  expect(status).toBe("inconclusive");
});
