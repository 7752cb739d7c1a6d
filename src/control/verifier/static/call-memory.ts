// What calls leave in the memory that they are given: on the stack, where values are followed. Called by
// call.ts.

import { type Call, writtenThrough } from "./call-effects.ts";
import { ofField } from "./memory.ts";
import { callSource, fieldSource, type Origins, origin, union } from "./origins.ts";
import { regionOf } from "./region.ts";
import type { State } from "./state.ts";
import { anything, pointer, type Value } from "./value.ts";

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
  if (/^(__scx_bpf_|scx_bpf_(error|exit|dump)|scx_bpf_dsq_move)/.test(name)) return;
  const parameters = machine.types.prototype(name)?.parameters;
  const written = writtenThrough(machine, name, args);
  for (const [index, value] of args.entries()) {
    if (value.region?.kind !== "stack" || !written.includes(value)) continue;
    const type = parameters?.[index]?.type;
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
