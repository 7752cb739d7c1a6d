// What calls mean beyond their values: for the way of the op's task, for the fields of the task, and which of
// them fail only where memory is short. Called by call.ts and data-flow.ts.

import { cellId } from "./cell.ts";
import { isInsert, isMove, isMoveToLocal } from "./dsq-calls.ts";
import type { Site } from "./facts.ts";
import type { Machine } from "./machine.ts";
import { isTask } from "./memory.ts";
import { cellSource, hasSource, type Origins, origin } from "./origins.ts";
import type { State } from "./state.ts";
import { isZero, unknownOf, type Value } from "./value.ts";

export interface Call {
  readonly name: string;
  readonly machine: Machine;
  readonly state: State;
  readonly site: Site;
  readonly args: readonly Value[];
  /** What lies where the arguments point on the stack. */
  readonly words: readonly (readonly Value[])[];
  readonly id: number;
}

/** Calls whose failure is one to allocate. */
export function isAllocation(name: string): boolean {
  return /^(bpf_obj_new|bpf_percpu_obj_new|bpf_cpumask_create|bpf_task_storage_get|bpf_cgrp_storage_get|bpf_map_update_elem|bpf_map_push_elem|bpf_map_lookup_elem|bpf_map_lookup_percpu_elem|bpf_arena_alloc_pages|scx_alloc|bpf_refcount_acquire|bpf_kptr_xchg|bpf_timer_init|scx_bpf_create_dsq|bpf_task_acquire|bpf_cgroup_acquire)/.test(
    name,
  );
}

/** Helpers that write to nothing that they are given, or whose writes are followed. */
const quietHelpers =
  /^bpf_(map_(lookup|update|delete|push)|spin_|timer_|ktime_|jiffies|get_(smp|prandom|numa|current_(pid|uid|task|cgroup|ancestor))|(per|this)_cpu_ptr|strncmp|loop$|for_each_map|trace_|perf_event_output|ringbuf_(output|submit|discard)|(task|cgrp)_storage_|send_signal)/;

/** The arguments that a call may write through: registers beyond its parameters hold what was left there. */
export function writtenThrough(
  { types }: Machine,
  name: string,
  args: readonly Value[],
): readonly Value[] {
  // The kernel has functions of the names of helpers, with other parameters.
  const parameters = types.isHelper(name) ? undefined : types.prototype(name)?.parameters;
  if (parameters !== undefined)
    return args.filter((_, index) => {
      const type = parameters[index]?.type;
      return type !== undefined && !types.isConstPointer(type);
    });
  if (quietHelpers.test(name)) return [];
  // They read what they make text of, and write the first.
  if (/^bpf_(seq_)?s(n)?printf|^bpf_snprintf/.test(name)) return args.slice(0, 1);
  return args;
}

const pushes =
  /^bpf_(map_push_elem|map_update_elem|list_push_front|list_push_back|rbtree_add|kptr_xchg|user_ringbuf|ringbuf_output)/;

/** Kfuncs that write fields of the task, as a store to them would. */
const writers: ReadonlyMap<string, string> = new Map([
  ["scx_bpf_task_set_slice", "task_struct.scx.slice"],
  ["scx_bpf_task_set_dsq_vtime", "task_struct.scx.dsq_vtime"],
]);

export function writeFields({ name, machine, site, args }: Call): void {
  const base = writers.get(name);
  const [, value] = args;
  if (base === undefined || value === undefined) return;
  machine.facts.addStore({ ...site, cell: { base, offset: 0 }, value });
}

/** Calls that copy a value into a map, and which argument points to it. */
const copies: ReadonlyMap<string, number> = new Map([
  ...[["bpf_map_update_elem", 2] as const, ["bpf_map_push_elem", 1] as const],
  ...[["bpf_task_storage_get", 2] as const, ["bpf_cgrp_storage_get", 2] as const],
]);

/** What lies where the value is copied from is stored in the map, as a store to a look-up's result would. */
export function writeMaps({ name, machine, state, site, args }: Call): void {
  const at = copies.get(name);
  const map = args[0]?.region?.kind === "map" ? args[0].region.map : null;
  const from = at === undefined ? undefined : args[at];
  if (map === null || from === undefined || isZero(from)) return;
  const { name: of = String(map), valueSize = 8 } = machine.maps[map] ?? {};
  const put = (offset: number | null, value: Value): void =>
    machine.facts.addStore({ ...site, cell: { base: `map ${of}`, offset }, value });
  if (from.region?.kind === "map-value") {
    const cell = machine.globals.cell(from.region.map, Number(from.lo), Number(from.hi));
    put(null, unknownOf(8, origin(cellSource(cellId(cell)))));
  } else if (from.region?.kind === "stack") {
    const first = Number(from.lo);
    for (const [place, slot] of state.frames[from.region.frame] ?? [])
      if (place >= first && place < Number(from.hi) + valueSize)
        put(from.lo === from.hi ? place - first : null, { ...slot.value, id: 0 });
  } else put(null, unknownOf(8, origin("memory")));
}

/** What the call means for the way of the op's task. */
export function followPath({ name, state, args, words, site }: Call): void {
  const { path } = state;
  const { op } = site.activation;
  if (/^scx_bpf_(error|exit)/.test(name)) state.path = { ...path, ended: true };
  else if (isInsert(name)) {
    if (op === "dispatch") state.path = { ...path, drains: true };
    else if (op === "enqueue" || op === "select_cpu")
      state.path = { ...path, inserts: Math.min(path.inserts + 1, 2) };
  } else if (isMoveToLocal(name) || isMove(name)) state.path = { ...path, drains: true };
  else if (pushes.test(name)) {
    const given = [...args, ...words.flat()];
    const always = /^bpf_(list_push|rbtree_add)/.test(name);
    if (always || given.some(isTask)) state.path = { ...path, handed: true };
  }
}

/** Whether a value is the outcome of an allocation: NULL, or an error, tells that it failed. */
export function fromAllocation(origins: Origins): boolean {
  if (hasSource(origins, "storage:", "lookup:")) return true;
  for (const source of origins.keys())
    if (source.startsWith("call:") && isAllocation(source.slice(5))) return true;
  return false;
}
