// What kfuncs and helpers do that the analysis has to know beyond their prototypes: results that are
// pointers or have narrow ranges, memory that they fill, and what they mean for the path of a task.
// Sources: kernel/sched/ext/ext.c, kernel/bpf/helpers.c. Called by call.ts.

import { isInsert, isMove, isMoveToLocal } from "./dsq-calls.ts";
import type { Site } from "./facts.ts";
import { siteKey } from "./facts.ts";
import type { Interval } from "./interval.ts";
import type { Machine } from "./machine.ts";
import { cpusMax, isTask, ofField } from "./memory.ts";
import {
  callSource,
  fieldSource,
  hasSource,
  noOrigins,
  type Origins,
  origin,
  union,
} from "./origins.ts";
import { regionOf } from "./region.ts";
import type { State } from "./state.ts";
import { anything, number, pointer, type Value } from "./value.ts";

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

const cpuNumbers: Interval = { lo: 0n, hi: cpusMax - 1n };
const cpuCounts: Interval = { lo: 1n, hi: cpusMax };

const ranges: ReadonlyMap<string, Interval> = new Map([
  ...["scx_bpf_task_cpu", "bpf_get_smp_processor_id", "scx_bpf_select_cpu_dfl"].map(
    (name) => [name, cpuNumbers] as const,
  ),
  ...["scx_bpf_nr_cpu_ids", "scx_bpf_nr_node_ids"].map((name) => [name, cpuCounts] as const),
  // Lengths of DSQs fit a s32.
  ["scx_bpf_dsq_nr_queued", { lo: 0n, hi: 0xffff_ffffn }],
]);

/** Calls whose failure is one to allocate. */
export function isAllocation(name: string): boolean {
  return /^(bpf_obj_new|bpf_percpu_obj_new|bpf_cpumask_create|bpf_task_storage_get|bpf_cgrp_storage_get|bpf_map_update_elem|bpf_map_push_elem|bpf_map_lookup_elem|bpf_map_lookup_percpu_elem|bpf_arena_alloc_pages|scx_alloc|bpf_refcount_acquire|bpf_kptr_xchg|bpf_timer_init|scx_bpf_create_dsq|bpf_task_acquire|bpf_cgroup_acquire)/.test(
    name,
  );
}

/** A pointer result other than by prototype; null: none. */
function pointerResult(call: Call): Value | null {
  const { name, args, machine, id } = call;
  const [first = anything] = args;
  const map = first.region?.kind === "map" ? first.region.map : null;
  if (/^bpf_(map_lookup_elem|map_lookup_percpu_elem)$/.test(name)) {
    if (map === null) return null;
    const definition = machine.maps[map];
    const key = call.words[1]?.[0];
    // An array has every element below its size.
    const isArray = definition?.type === 2 || definition?.type === 6;
    const inside =
      key !== undefined && key.region === null && key.hi < BigInt(definition?.maxEntries ?? 0);
    return pointer(regionOf({ kind: "map-value", map }), {
      mayBeNull: !(isArray && inside),
      origins: origin(`lookup:${definition?.name ?? ""}`),
      id,
    });
  }
  if (/^bpf_(task|cgrp)_storage_get$/.test(name) && map !== null) {
    const word = /^bpf_task/.test(name) ? "storage" : "lookup";
    return pointer(regionOf({ kind: "map-value", map }), {
      mayBeNull: true,
      origins: origin(`${word}:${machine.maps[map]?.name ?? ""}`),
      id,
    });
  }
  if (/^bpf_(per|this)_cpu_ptr$/.test(name) && first.region?.kind === "ksym")
    return pointer(first.region, {
      mayBeNull: name === "bpf_per_cpu_ptr",
      origins: origin(callSource(name)),
      id,
    });
  if (/^bpf_get_current_task_btf$/.test(name)) {
    const type = machine.types.structure("task_struct");
    return pointer(regionOf({ kind: "kernel", type, role: "current" }), {
      origins: origin(callSource(name)),
      id,
    });
  }
  if (
    /^(bpf_obj_new_impl|bpf_obj_new|bpf_percpu_obj_new_impl|bpf_list_|bpf_rbtree_|bpf_refcount_acquire|bpf_kptr_xchg|bpf_ringbuf_reserve|bpf_dynptr_data)/.test(
      name,
    ) &&
    !/_empty$|_add/.test(name)
  ) {
    return pointer(regionOf({ kind: "heap", name: "object" }), {
      ...{ lo: -4096n, hi: 4096n },
      ...{ mayBeNull: true, origins: origin(callSource(name)), id },
    });
  }
  if (name === "bpf_iter_num_next") return nextNumber(call);
  if (name === "bpf_iter_scx_dsq_next") {
    const type = machine.types.structure("task_struct");
    return pointer(regionOf({ kind: "kernel", type, role: "queued" }), {
      mayBeNull: true,
      origins: origin(callSource(name)),
      id,
    });
  }
  return null;
}

function nextNumber({ words, site, id }: Call): Value {
  const iterator = words[0]?.[0];
  const known = iterator?.region?.kind === "number-iterator";
  return pointer(regionOf({ kind: "number" }), {
    lo: known ? iterator.lo : 0n,
    hi: known ? iterator.hi : 0x7fff_ffffn,
    mayBeNull: true,
    origins: union(origin(`iter:${siteKey(site)}`), iterator?.origins ?? noOrigins),
    id,
  });
}

export function resultOf(call: Call): Value {
  const { name, machine, site, id } = call;
  const special = pointerResult(call);
  if (special !== null) return special;
  const prototype = machine.types.prototype(name);
  // Rules follow what became of these.
  const followed = isMoveToLocal(name) || isMove(name);
  const origins = origin(callSource(name, followed ? siteKey(site) : ""));
  const range = ranges.get(name);
  if (range !== undefined) return number(range, origins, id);
  if (prototype === null) return { ...anything, origins, id };
  const { types } = machine;
  const type = types.pointee(prototype.result);
  if (types.isPointer(prototype.result)) {
    const region = types.isStructure(type)
      ? regionOf({ kind: "kernel", type, role: name })
      : regionOf({ kind: "unknown" });
    return pointer(region, { mayBeNull: true, origins, id });
  }
  if (types.isBool(prototype.result)) return number({ lo: 0n, hi: 1n }, origins, id);
  const bytes = types.size(prototype.result);
  return number(
    { lo: 0n, hi: bytes === 0 || bytes === 8 ? 2n ** 64n - 1n : 2n ** BigInt(8 * bytes) - 1n },
    origins,
    id,
  );
}

/** What the call leaves in the memory that it is given. */
export function fillMemory(call: Call): void {
  const { name, state, args, machine } = call;
  const [first = anything, second = anything, third = anything] = args;
  if (/^bpf_probe_read|^bpf_copy_from_user|^bpf_core_read/.test(name)) {
    const origins = readOrigins(call, third);
    fill(state, first, sizeOf(second), origins);
    const read = readPointer(call, third);
    if (read !== null && first.region?.kind === "stack" && sizeOf(second) === 8)
      state.store(first.region.frame, first.lo, first.hi, 8, read);
    return;
  }
  if (name === "bpf_get_current_comm") {
    fill(state, first, sizeOf(second), origin(fieldSource("task_struct.comm")));
    return;
  }
  if (/^bpf_map_(pop|peek)_elem$/.test(name) && first.region?.kind === "map") {
    const definition = machine.maps[first.region.map];
    fill(state, second, definition?.valueSize ?? 8, origin(`cell:map ${definition?.name ?? ""}[]`));
    return;
  }
  if (name === "bpf_iter_num_new" && first.region?.kind === "stack") {
    const hi = third.hi > 0n ? third.hi - 1n : 0n;
    const value = pointer(regionOf({ kind: "number-iterator" }), {
      lo: second.region === null ? second.lo : 0n,
      hi: third.region === null && hi < 0x8000_0000n ? hi : 0x7fff_ffffn,
      origins: union(second.origins, third.origins),
    });
    state.store(first.region.frame, first.lo, first.lo, 8, value);
    return;
  }
  if (name === "bpf_iter_scx_dsq_new" && first.region?.kind === "stack") {
    // The id's range can be all 64 bits, which a pointer's offset can't hold: kept as a number.
    state.store(first.region.frame, first.lo, first.lo, 8, { ...second, id: 0 });
    return;
  }
  if (/^bpf_(map|task_storage|cgrp_storage|timer|spin_|ringbuf_output|loop|for_each)/.test(name))
    return;
  if (/^bpf_iter_.*_(next|destroy)$/.test(name)) return;
  const parameters = machine.types.prototype(name)?.parameters;
  for (const [index, value] of args.entries()) {
    if (value.region?.kind !== "stack") continue;
    const type = parameters?.[index]?.type;
    if (type !== undefined && machine.types.isConstPointer(type)) continue;
    if (/^(__scx_bpf_|scx_bpf_(error|exit|dump)|scx_bpf_dsq_move)/.test(name)) continue;
    const bytes = type === undefined ? 64 : machine.types.size(machine.types.pointee(type)) || 64;
    fill(state, value, Math.min(bytes, 512), origin(callSource(name)));
  }
}

function sizeOf(value: Value): number {
  return value.region === null && value.hi <= 512n ? Number(value.hi) : 512;
}

function fill(state: State, at: Value, bytes: number, origins: Origins): void {
  if (at.region?.kind !== "stack") return;
  state.fill(
    at.region.frame,
    Number(at.lo),
    Number(at.hi) + Math.max(bytes, 1),
    origins,
    at.lo === at.hi,
  );
}

/** A pointer that BPF_CORE_READ(p, mm, owner) reads on its way: its type tells what it reads next. */
function readPointer({ machine, id }: Call, from: Value): Value | null {
  const { region } = from;
  if (region?.kind !== "kernel") return null;
  const field = machine.types.fieldAt(region.type, Number(from.lo));
  if (field === null || !machine.types.isPointer(field.type)) return null;
  return { ...ofField(machine, field, 8, id), id: 0 };
}

/** A helper's read of kernel memory counts as one of the field. */
function readOrigins({ machine, site }: Call, from: Value): Origins {
  const { region } = from;
  if (region?.kind !== "kernel")
    return region?.kind === "ksym"
      ? origin(`ksym:${region.name}`)
      : union(origin("memory"), from.origins);
  const field = machine.types.fieldAt(region.type, Number(from.lo));
  if (field === null) return origin("memory");
  machine.facts.addRead({ ...site, field, byHelper: true, role: region.role });
  return origin(fieldSource(field.path));
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
