// What an object relies on that is not modelled, by name. Only what its scheduler can reach counts: a
// program that user space would run by itself, or a function that nobody calls, changes no decision.
// Programs that hook into other parts of the kernel never run here, and are named.

import { opNames } from "../core/policy-ops.ts";
import type { Unsupported } from "../machine/calls.ts";
import type { BpfObject, StructOps } from "../object/bpf-object.ts";

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
): Unsupported[] {
  const reached = reachable(object, scheduler);
  const names = new Set([...reached].map((index) => object.functions[index]?.name ?? ""));
  return [
    ...calls.filter(({ program }) => names.has(program)),
    ...[...reached].flatMap((index) => variablesOf(object, index, variables)),
    ...features(scheduler),
    ...object.functions.flatMap(({ name, section }): Unsupported[] =>
      passiveSection.test(section) ? [] : [{ kind: "program", name: section, program: name }],
    ),
  ];
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
