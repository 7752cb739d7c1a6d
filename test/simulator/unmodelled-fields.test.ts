// Fields of the kernel that would read as zeros are told by name: of small C with types of its own.

import { expect, test } from "vitest";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { layoutOf } from "../../src/simulator/runtime/objects/layout.ts";
import { unsupportedBy } from "../../src/simulator/runtime/unsupported.ts";
import { compileBpf, missing, withClang } from "./clang.ts";

const types = `
#define SEC(name) __attribute__((section(name), used))
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
typedef unsigned long long u64;
struct list_head { struct list_head *next; };
struct cred { int uid; };
struct mm_struct { u64 total_vm; };
struct sched_avg { u64 util_avg; };
struct load_weight { u64 weight; int inverse; };
struct sched_entity { struct load_weight load; u64 sum_exec_runtime; struct sched_avg avg; };
struct sched_ext_entity { u64 slice; int sticky_cpu; };
struct task_struct { int pid; char comm[16]; struct sched_entity se; struct sched_ext_entity scx;
  struct mm_struct *mm; struct cred *cred; unsigned rt_priority; union { int exit_code; int other; }; };
#pragma clang attribute pop
struct task_struct task_root; struct mm_struct mm_root; struct cred cred_root;
`;

/** What is told of a callback with this body. */
function told(body: string): string[] {
  const program = `SEC("struct_ops/x") u64 x(struct task_struct *p) { ${body} }`;
  const aside = `SEC("syscall") u64 aside(struct task_struct *p) { return p->other; }`;
  const kernel = kernelBtf(compileBpf(types));
  const object = readBpfObject(compileBpf(`${types}${program}${aside}`), kernel);
  const index = object.functions.findIndex(({ name }) => name === "x");
  const member = { name: "enqueue", kind: "program", function: index } as const;
  const scheduler = { name: "ops", type: "sched_ext_ops", members: [member] };
  const found = unsupportedBy(object, scheduler, [], new Set(), layoutOf(kernel));
  for (const each of found) expect(each).toMatchObject({ kind: "feature", program: "x" });
  return found.map(({ name }) => name).sort();
}

const cases: [string, string[]][] = [
  ["return p->pid + p->comm[3] + p->scx.slice + p->se.load.weight + (p->mm != 0);", []],
  ["return p->rt_priority;", []],
  ["struct sched_ext_entity *scx = &p->scx; return scx->slice;", []],
  ["return p->cred->uid;", ["cred.uid", "task_struct.cred"]],
  ["return p->mm->total_vm;", ["mm_struct.total_vm"]],
  ["return p->se.avg.util_avg;", ["task_struct.se.avg.util_avg"]],
  [
    "return p->se.load.inverse + p->exit_code;",
    ["task_struct.exit_code", "task_struct.se.load.inverse"],
  ],
  ["return p->scx.sticky_cpu + p->scx.sticky_cpu;", ["task_struct.scx.sticky_cpu"]],
  [
    "return __builtin_preserve_field_info(p->cred, 2) + __builtin_preserve_field_info(p->cred, 1);",
    [],
  ],
  ["struct list_head *own = (void *)p; return (u64)own->next;", []],
];

test.skipIf(missing !== null).each(cases)(withClang("%s"), (body, names) => {
  expect(told(body)).toEqual(names);
});
