// What an object's code needs and nobody models, by name and by the function that needs it. Code behind
// the question whether the kernel has something counts by its answer. Called by translate.ts.

import type { BpfFunction, BpfObject, Reference } from "../object/bpf-object.ts";
import type { CallTable, Unsupported } from "./calls.ts";
import { findKfunc } from "./find-kfunc.ts";
import { inlined } from "./inlined.ts";
import type { Instruction } from "./instruction.ts";
import { reachable } from "./reachable.ts";

export function unsupportedOf(
  object: BpfObject,
  code: readonly (readonly Instruction[])[],
  calls: CallTable,
): Unsupported[] {
  const found = new Map<string, Unsupported>();
  for (const [index, of] of object.functions.entries()) {
    const instructions = code[index] ?? [];
    const runs = reachable(instructions, of.references, object);
    for (const [at, instruction] of instructions.entries()) {
      if (runs[at] === 0) continue;
      const need = needOf(instruction, of.references.get(at), { object, calls, of });
      if (need === null) continue;
      const each = { ...need, program: of.name };
      found.set(`${each.kind} ${each.name} ${each.program}`, each);
    }
  }
  return [...found.values()];
}

interface Context {
  object: BpfObject;
  calls: CallTable;
  of: BpfFunction;
}

function needOf(
  instruction: Instruction,
  reference: Reference | undefined,
  { object, calls }: Context,
): Omit<Unsupported, "program"> | null {
  if (instruction.kind === "unknown") return { kind: "instruction", name: instruction.what };
  if (instruction.kind === "helper" && !calls.helpers.has(instruction.id)) {
    return { kind: "helper", name: helperName(instruction.id) };
  }
  if (instruction.kind === "call" && reference === undefined) {
    return { kind: "instruction", name: "a call of something that only a loaded kernel knows" };
  }
  if (reference?.kind === "map-value" && object.unknownKconfig.length > 0) {
    const isKconfig = object.maps[reference.map]?.section === ".kconfig";
    return isKconfig ? { kind: "ksym", name: object.unknownKconfig.join(", ") } : null;
  }
  if (reference?.kind !== "ksym" || instruction.kind !== "call") return null;
  const ksym = object.ksyms[reference.ksym];
  if (ksym === undefined || !ksym.present || inlined.has(ksym.name)) return null;
  if (findKfunc(calls, ksym.name) !== null) return null;
  return { kind: "kfunc", name: ksym.name };
}

/** Why an instruction is a fault of the kind "unsupported", in words. */
export function whyUnsupported(
  object: BpfObject,
  instruction: Instruction | undefined,
  reference: Reference | undefined,
): string {
  if (reference?.kind === "poison") return reference.reason;
  if (instruction?.kind === "helper")
    return `the helper ${helperName(instruction.id)} is not modelled`;
  if (reference?.kind === "ksym") {
    const ksym = object.ksyms[reference.ksym];
    const name = ksym?.name ?? "?";
    return ksym?.present
      ? `the kfunc ${name} is not modelled`
      : `a call of ${name}, which this kernel does not have`;
  }
  if (instruction?.kind === "unknown") return `the instruction ${instruction.what} is not modelled`;
  return "a call of something that only a loaded kernel knows";
}

export function helperName(id: number): string {
  return helperNames[id] ?? `bpf helper ${id}`;
}

/** Helpers that schedulers call, by number (include/uapi/linux/bpf.h); others are told by number. */
const helperNames: Record<number, string> = {
  1: "bpf_map_lookup_elem",
  2: "bpf_map_update_elem",
  3: "bpf_map_delete_elem",
  4: "bpf_probe_read",
  5: "bpf_ktime_get_ns",
  6: "bpf_trace_printk",
  7: "bpf_get_prandom_u32",
  8: "bpf_get_smp_processor_id",
  12: "bpf_tail_call",
  14: "bpf_get_current_pid_tgid",
  16: "bpf_get_current_comm",
  35: "bpf_get_current_task",
  87: "bpf_map_push_elem",
  88: "bpf_map_pop_elem",
  89: "bpf_map_peek_elem",
  93: "bpf_spin_lock",
  94: "bpf_spin_unlock",
  112: "bpf_probe_read_user",
  113: "bpf_probe_read_kernel",
  115: "bpf_probe_read_kernel_str",
  118: "bpf_jiffies64",
  125: "bpf_ktime_get_boot_ns",
  130: "bpf_ringbuf_output",
  131: "bpf_ringbuf_reserve",
  132: "bpf_ringbuf_submit",
  133: "bpf_ringbuf_discard",
  134: "bpf_ringbuf_query",
  153: "bpf_per_cpu_ptr",
  154: "bpf_this_cpu_ptr",
  156: "bpf_task_storage_get",
  157: "bpf_task_storage_delete",
  158: "bpf_get_current_task_btf",
  164: "bpf_for_each_map_elem",
  165: "bpf_snprintf",
  169: "bpf_timer_init",
  170: "bpf_timer_set_callback",
  171: "bpf_timer_start",
  172: "bpf_timer_cancel",
  177: "bpf_trace_vprintk",
  180: "bpf_find_vma",
  181: "bpf_loop",
  182: "bpf_strncmp",
  194: "bpf_kptr_xchg",
  195: "bpf_map_lookup_percpu_elem",
  209: "bpf_user_ringbuf_drain",
  210: "bpf_cgrp_storage_get",
  211: "bpf_cgrp_storage_delete",
};
