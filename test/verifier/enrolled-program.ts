// Builds the program that tests enrol: policies of ours, compiled as the verifier does it, in a user-space
// program of their own. Imported by tests alone.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePolicy } from "../../src/control/verifier/compile.ts";

const source = fileURLToPath(new URL("enrolled-program.c", import.meta.url));

/** A FIFO that forgets every task whose name begins with `sle`; it gives itself 2 s. */
const forgetful = `
#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
void BPF_STRUCT_OPS(forgetful_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->comm[0] == 's' && p->comm[1] == 'l' && p->comm[2] == 'e')
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SCX_OPS_DEFINE(forgetful_ops, .enqueue = (void *)forgetful_enqueue, .timeout_ms = 2000,
	       .name = "forgetful");
`;

/** `good`: C source of a good policy. Answers with the program's path. */
export async function buildProgram(
  directory: string,
  good: string,
  vmlinuxHeaderPath: string,
): Promise<string> {
  for (const [name, text] of [["good", good] as const, ["bad", forgetful] as const]) {
    const compiled = await compilePolicy({ name, source: text, vmlinuxHeaderPath });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
    writeFileSync(join(directory, `${name}.bpf.o`), compiled.object);
  }
  const program = join(directory, "scx_trial");
  const object = (name: string) => `"${join(directory, `${name}.bpf.o`)}"`;
  const objects = [`-DGOOD=${object("good")}`, `-DBAD=${object("bad")}`];
  const libraries = ["-lbpf", "-lelf", "-lz"];
  execFileSync("cc", ["-O2", "-Wall", ...objects, source, ...libraries, "-o", program]);
  return program;
}
