// What calls give back: pointers that their prototypes don't tell (map values, storage, iterators), narrow
// ranges, else what the kernel's BTF says. Sources: kernel/sched/ext/ext.c, kernel/bpf/helpers.c. Called by
// call.ts.

import type { Call } from "./call-effects.ts";
import { cellId } from "./cell.ts";
import { isMove, isMoveToLocal } from "./dsq-calls.ts";
import { siteKey } from "./facts.ts";
import type { Interval } from "./interval.ts";
import { isArrayMap } from "./map-kinds.ts";
import { cpusMax } from "./memory.ts";
import {
  callSource,
  cellSource,
  direction,
  keySource,
  noOrigins,
  type Origins,
  origin,
  sourcesOf,
  union,
} from "./origins.ts";
import { regionOf } from "./region.ts";
import { anything, number, pointer, unknownOf, type Value } from "./value.ts";

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

/** A pointer result other than by prototype; null: none. */
function pointerResult(call: Call): Value | null {
  const { name, args, machine, id } = call;
  const [first = anything] = args;
  const map = first.region?.kind === "map" ? first.region.map : null;
  if (/^bpf_(map_lookup_elem|map_lookup_percpu_elem)$/.test(name)) {
    if (map === null) return null;
    const definition = machine.maps[map];
    const key = keyOf(call);
    // An array has every element below its size.
    const isArray = isArrayMap(definition?.type);
    const inside =
      key !== undefined && key.region === null && key.hi < BigInt(definition?.maxEntries ?? 0);
    return pointer(regionOf({ kind: "map-value", map }), {
      mayBeNull: !(isArray && inside),
      origins: askedWith(origin(`lookup:${definition?.name ?? ""}`), definition?.name ?? "", key),
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
  if (name === "bpf_rdonly_cast") return castTo(call);
  if (name === "bpf_task_from_pid" || name === "bpf_task_from_vpid") {
    const type = machine.types.structure("task_struct");
    return pointer(regionOf({ kind: "kernel", type, role: name }), {
      mayBeNull: true,
      origins: askedWith(origin(callSource(name)), name, first),
      id,
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

/** Of a look-up: on the stack, in a constant or anywhere else; undefined: it is not followed. */
function keyOf({ args, words, machine }: Call): Value | undefined {
  const key = args[1];
  if (key?.region?.kind !== "map-value") return words[1]?.[0];
  const cell = machine.globals.cell(key.region.map, Number(key.lo), Number(key.hi));
  return unknownOf(8, origin(cellSource(cellId(cell))));
}

/** With what it was asked with: NULL depends on that, too. */
function askedWith(made: Origins, place: string, key: Value | undefined): Origins {
  let found = made;
  for (const source of sourcesOf(key?.origins ?? noOrigins).keys()) {
    // What a key was looked up with is a part of the key.
    const inner = /^(key|index):/.test(source) ? source.slice(source.lastIndexOf("|") + 1) : source;
    found = union(found, origin(keySource(place, inner), direction.control));
  }
  return found;
}

/** bpf_core_cast(): an object of the type whose id in the kernel's BTF is given; kernel-read.ts asks of what. */
function castTo({ args, machine, id }: Call): Value {
  const [of = anything, type = anything] = args;
  const { types } = machine;
  const known = type.set?.length === 1 ? Number(type.lo) : 0;
  const isKnown = known > 0 && known < 2 ** 31 && types.isStructure(known);
  const region = isKnown
    ? regionOf({ kind: "kernel", type: types.resolved(known), role: "" })
    : regionOf({ kind: "unknown" });
  return pointer(region, { mayBeNull: of.mayBeNull, origins: of.origins, id });
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
  const followed = isMoveToLocal(name) || isMove(name) || name === "scx_bpf_dsq_nr_queued";
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
