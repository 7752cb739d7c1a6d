// What an object relies on that is not modelled, by name. Only what its scheduler can reach counts: a
// program that user space would run by itself, or a function that nobody calls, changes no decision.
// Programs that hook into other parts of the kernel never run here, and are named.

import { enq, enqToKernel } from "../core/flags.ts";
import { opNames } from "../core/policy-ops.ts";
import type { Unsupported } from "../machine/calls.ts";
import { decode } from "../machine/instruction.ts";
import { reachable as reachableCode } from "../machine/reachable.ts";
import type { BpfObject, StructOps } from "../object/bpf-object.ts";
import type { Layout } from "./objects/layout.ts";
import { isModelled } from "./unmodelled-fields.ts";

/** Ops of the debug dump, which is never made here. */
const ignoredOps: ReadonlySet<string> = new Set(["dump", "dump_cpu", "dump_task"]);
/** Sections whose programs do not run by themselves: functions, ops, and what user space starts. */
const passiveSection = /^(\.text|struct_ops|syscall$|\?)/;

/**
 * `calls`: what the translator found in the whole object; `variables`: kernel variables that read as
 * zeros.
 */
export function unsupportedBy(
  object: BpfObject,
  scheduler: StructOps,
  calls: readonly Unsupported[],
  variables: ReadonlySet<string>,
  layout: Layout,
): Unsupported[] {
  const reached = reachable(object, scheduler);
  const names = new Set([...reached].map((index) => object.functions[index]?.name ?? ""));
  return [
    ...calls.filter(({ program }) => names.has(program)).map((call) => named(call, layout)),
    ...[...reached].flatMap((index) => variablesOf(object, index, variables)),
    ...[...reached].flatMap((index) => fieldsOf(object, index, layout)),
    ...features(scheduler),
    ...otherFlags(scheduler, layout),
    ...object.functions.flatMap(({ name, section }): Unsupported[] =>
      passiveSection.test(section) ? [] : [{ kind: "program", name: section, program: name }],
    ),
  ];
}

/** The translator knows the names of usual helpers; the kernel's BTF knows all. */
function named(call: Unsupported, layout: Layout): Unsupported {
  const number = /^bpf helper (\d+)$/.exec(call.name)?.[1];
  if (number === undefined) return call;
  const name = layout.enumeratorName("bpf_func_id", "BPF_FUNC_", Number(number));
  return name === null ? call : { ...call, name: `bpf_${name}` };
}

/** Functions that the scheduler's ops are, call, or pass as callbacks. */
function reachable(object: BpfObject, scheduler: StructOps): Set<number> {
  const found = new Set<number>();
  const waiting = scheduler.members.flatMap((member) =>
    member.kind === "program" && member.function !== null && !ignoredOps.has(member.name)
      ? [member.function]
      : [],
  );
  for (;;) {
    const index = waiting.pop();
    if (index === undefined) return found;
    if (found.has(index)) continue;
    found.add(index);
    for (const reference of object.functions[index]?.references.values() ?? [])
      if (reference.kind === "function") waiting.push(reference.function);
  }
}

function variablesOf(
  object: BpfObject,
  index: number,
  variables: ReadonlySet<string>,
): Unsupported[] {
  const of = object.functions[index];
  const needed = new Set<string>();
  for (const reference of of?.references.values() ?? []) {
    const ksym = reference.kind === "ksym" ? object.ksyms[reference.ksym] : undefined;
    if (ksym && variables.has(ksym.name)) needed.add(ksym.name);
  }
  return [...needed].map((name) => ({ kind: "ksym", name, program: of?.name ?? "" }));
}

/** Fields of kernel objects that would read as zeros, once each. */
function fieldsOf(object: BpfObject, index: number, layout: Layout): Unsupported[] {
  const of = object.functions[index];
  if (of === undefined) return [];
  const runs = reachableCode(decode(of), of.references, object);
  const found = new Set<string>();
  for (const [at, run] of runs.entries()) {
    const field = run === 0 ? null : of.fieldAt(at);
    if (field !== null && !isModelled(field, layout)) found.add(`${field.structure}.${field.path}`);
  }
  return [...found].map((name) => ({ kind: "feature", name, program: of.name }));
}

/** Members of sched_ext_ops that nobody calls or heeds here. */
function features(scheduler: StructOps): Unsupported[] {
  const known: ReadonlySet<string> = new Set(opNames);
  return scheduler.members.flatMap((member): Unsupported[] => {
    const isSet =
      member.kind === "program"
        ? member.function !== null && !known.has(member.name) && !ignoredOps.has(member.name)
        : member.name === "sub_cgroup_id" && member.bytes.some((byte) => byte !== 0);
    const name = `sched_ext_ops.${member.name}`;
    return isSet ? [{ kind: "feature", name, program: scheduler.name }] : [];
  });
}

const enqueueFlags: readonly (readonly [string, number])[] = [
  ["SCX_ENQ_WAKEUP", enq.wakeup],
  ["SCX_ENQ_HEAD", enq.head],
  ["SCX_ENQ_CPU_SELECTED", enq.cpuSelected],
  ["SCX_ENQ_PREEMPT", enq.preempt],
  ["SCX_ENQ_IMMED", enq.immediate],
  ["SCX_ENQ_REENQ", enq.reenqueued],
  ["SCX_ENQ_LAST", enq.last],
];

/** Flags that have another number in this kernel than in the one that the core follows. */
function otherFlags(scheduler: StructOps, layout: Layout): Unsupported[] {
  return enqueueFlags.flatMap(([name, flag]): Unsupported[] => {
    const value = layout.enumerator("scx_enq_flags", name);
    const { low, high } = enqToKernel(flag);
    if (value === null || value === high * 2 ** 32 + low) return [];
    const found = `${name} = 0x${value.toString(16)} of this kernel`;
    return [{ kind: "feature", name: found, program: scheduler.name }];
  });
}
