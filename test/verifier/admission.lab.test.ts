// Admission over the corpus: every policy that is labelled for it is stopped by the rule named, at a
// line where there is one, and no seed or good policy is.

import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admit } from "../../src/control/verifier/admission/admit.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { Btf } from "../../src/simulator/object/btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { readCorpus } from "../corpus/read-corpus.ts";

let lab: Lab;
let vmlinuxHeaderPath: string;
let kernelBtf: Btf;

beforeAll(async () => {
  lab = await openLab({ mayBuild: false });
  vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
  kernelBtf = new Btf((await lab.kernelTypes(() => undefined)).btf);
});
afterAll(() => lab.close());

async function admission(name: string, source: string) {
  const compiled = await compilePolicy({ name: name.slice(0, 48), source, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error(`${name}: ${compiled.findings[0]?.message}`);
  return admit(readBpfObject(compiled.object, kernelBtf));
}

describe("a policy that may not be admitted", () => {
  const bad = readCorpus("bad").filter(({ stage }) => stage === "admission");

  test.each(bad)("$name is stopped by $rule", async ({ name, source, rule }) => {
    const found = (await admission(name, source)).find((finding) => finding.rule === rule);
    expect(found).toMatchObject({ severity: "error" });
    expect(found?.hint.length).toBeGreaterThan(20);
    if (rule === "admission/call") expect(found?.location?.line).toBeGreaterThan(5);
  });
});

test("an object that libbpf would read in another way is none: two members of one name", async () => {
  const source = readFileSync("policies/fifo/policy.bpf.c", "utf8");
  const compiled = await compilePolicy({ name: "fifo", source, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("fifo does not compile");
  const bytes = Buffer.from(compiled.object);
  const at = bytes.indexOf("\0runnable\0");
  expect(at).toBeGreaterThan(0);
  bytes.write("\0enqueue\0\0", at, "latin1");
  expect(() => readBpfObject(bytes, kernelBtf)).toThrow(/two members "enqueue"/);
});

test("nor two symbols of one name", async () => {
  const source = `
    #include <scx/common.bpf.h>
    char _license[] SEC("license") = "GPL";
    const volatile u64 knob_a = 1;
    const volatile u64 knob_b = 2;
    void BPF_STRUCT_OPS(twin_enqueue, struct task_struct *p, u64 enq_flags)
    {
      scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, knob_a + knob_b, enq_flags);
    }
    SCX_OPS_DEFINE(twin_ops, .enqueue = (void *)twin_enqueue, .name = "twin");`;
  const compiled = await compilePolicy({ name: "twin", source, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error("twin does not compile");
  const bytes = Buffer.from(compiled.object);
  // First in the BTF, then in the table of the symbols' names.
  const at = bytes.indexOf("\0knob_b\0", bytes.indexOf("\0knob_b\0") + 1);
  expect(at).toBeGreaterThan(0);
  bytes.write("\0knob_a\0", at, "latin1");
  expect(() => readBpfObject(bytes, kernelBtf)).toThrow(/two symbols "knob_a"/);
});

test("what a source compiles to, against a real kernel's types, is the same every time", async () => {
  const source = readFileSync("test/corpus/good/near-absolute-time.bpf.c", "utf8");
  const digests = new Set<string>();
  for (let run = 0; run < 8; run++) {
    const compiled = await compilePolicy({ name: "again", source, vmlinuxHeaderPath });
    if (compiled.ok) digests.add(compiled.objectSha256);
  }
  expect(digests.size).toBe(1);
});

describe("a policy that may", () => {
  const seeds = readdirSync("policies").map((name) => ({
    name,
    source: readFileSync(`policies/${name}/policy.bpf.c`, "utf8"),
  }));
  const good = readCorpus("good").map(({ name, source }) => ({ name, source }));

  test.each([...seeds, ...good])("$name is admitted", async ({ name, source }) => {
    expect(await admission(name, source)).toEqual([]);
  });
});
