// Loads and stores: what lies in the stack, in the policy's globals and maps, and in kernel objects. Kernel
// fields and shared memory are not followed through time; see cell.ts. Called by transfer.ts.

import { cellId } from "./cell.ts";
import type { Site } from "./facts.ts";
import { ofBytes } from "./interval.ts";
import type { Field } from "./kernel-types.ts";
import type { Machine } from "./machine.ts";
import { isClock } from "./moments.ts";
import { parameterName } from "./op-parameters.ts";
import {
  argumentSource,
  cellSource,
  direction,
  fieldSource,
  hasSource,
  indexSource,
  knobSource,
  noOrigins,
  type Origins,
  origin,
  through,
  union,
} from "./origins.ts";
import { type Region, regionOf } from "./region.ts";
import type { State } from "./state.ts";
import { constant, number, pointer, unknownOf, type Value } from "./value.ts";

/** What a CPU's number, and their count, can be: NR_CPUS of the largest distribution kernels. */
export const cpusMax = 8192n;
/** Every server may have more; numbers below it are numbers of somebody's CPUs. */
export const ordinaryCpus = 64n;
/** From here on a bound is that of an array, which is meant to have an entry for every CPU. */
export const arrayUsual = 512n;

/** Ranges that the kernel keeps (kernel/sched/ext, include/linux/sched/ext.h). */
const fieldRanges: ReadonlyMap<string, { lo: bigint; hi: bigint }> = new Map([
  // sched_weight_to_cgroup(): CGROUP_WEIGHT_MIN to CGROUP_WEIGHT_MAX.
  ["task_struct.scx.weight", { lo: 1n, hi: 10_000n }],
  ["task_struct.nr_cpus_allowed", { lo: 1n, hi: cpusMax }],
]);

export interface Access {
  readonly base: Value;
  readonly offset: number;
  readonly bytes: number;
}

export function load(
  machine: Machine,
  state: State,
  site: Site,
  access: Access,
  id: number,
): Value {
  const { base, bytes } = access;
  const [lo, hi] = [base.lo + BigInt(access.offset), base.hi + BigInt(access.offset)];
  const { region } = base;
  switch (region?.kind) {
    case "context":
      return argument(machine, site, Number(lo), id);
    case "stack":
      return named(state.load(region.frame, lo, hi, bytes), id);
    case "map-value":
      return fromMap(machine, region.map, { lo, hi, bytes, index: base.origins }, id);
    case "kernel": {
      const field =
        lo === hi
          ? machine.types.fieldAt(region.type, Number(lo))
          : fieldOfRange(machine, region.type, base.lo, access.offset);
      if (field === null) return unknownOf(bytes, noOrigins, id);
      machine.facts.addRead({ ...site, field, byHelper: false, role: region.role });
      return ofField(machine, field, bytes, id);
    }
    case "number":
      return number({ lo: base.lo, hi: base.hi }, base.origins, id);
    case "ksym":
      return unknownOf(bytes, origin(`ksym:${region.name}`), id);
    case "heap": {
      const cell = { base: `heap ${region.name}`, offset: lo === hi ? Number(lo) : null };
      machine.facts.readBases.add(cell.base);
      return unknownOf(bytes, origin(cellSource(cellId(cell))), id);
    }
    default:
      return elsewhere(machine, site, bytes, id);
  }
}

/** What branches tell of it then holds for its copies. */
function named(value: Value, id: number): Value {
  return value.id === 0 && value.lo !== value.hi ? { ...value, id } : value;
}

/** An element of an array in a kernel structure: the array's field is known by the offset alone. */
function fieldOfRange(machine: Machine, type: number, lo: bigint, offset: number): Field | null {
  return machine.types.fieldAt(type, Number(lo > 0n ? lo : 0n) + Math.max(offset, 0));
}

/** Through a pointer that is not followed; CO-RE still names the field. */
function elsewhere(machine: Machine, site: Site, bytes: number, id: number): Value {
  const named = site.activation.program.of.fieldAt(site.instruction);
  if (named === null) return unknownOf(bytes, origin("memory"), id);
  const path = `${named.structure}.${named.path}`;
  const field: Field = { path, type: 0, size: bytes };
  machine.facts.addRead({ ...site, field, byHelper: false, role: "" });
  return unknownOf(bytes, origin(fieldSource(path)), id);
}

export function ofField(machine: Machine, field: Field, bytes: number, id: number): Value {
  const { types } = machine;
  const origins = origin(fieldSource(field.path));
  if (types.isPointer(field.type) && bytes === 8) {
    const type = types.pointee(field.type);
    if (types.isStructure(type))
      return pointer(regionOf({ kind: "kernel", type, role: "" }), {
        mayBeNull: true,
        origins,
        id,
      });
    return pointer(regionOf({ kind: "unknown" }), { mayBeNull: true, origins, id });
  }
  const range = fieldRanges.get(field.path) ?? ofBytes(bytes);
  return number(range, origins, id);
}

/** An op's argument, by its place in the context. */
function argument(machine: Machine, site: Site, offset: number, id: number): Value {
  const { types } = machine;
  const { op } = site.activation;
  const parameter = types.op(op)?.parameters[offset / 8];
  if (parameter === undefined) return unknownOf(8, origin(argumentSource(op)), id);
  const name = parameterName(op, offset / 8);
  const origins = origin(argumentSource(`${op}.${name}`));
  const type = types.pointee(parameter.type);
  if (types.isPointer(parameter.type) && types.isStructure(type)) {
    // dispatch() has a prev only where a task of ours ran; yield() may have no other.
    const mayBeNull = name === "prev" || op === "yield";
    const region = regionOf({ kind: "kernel", type, role: name });
    return pointer(region, { mayBeNull, origins, id });
  }
  if (/^(prev_)?cpu$/.test(name)) return number({ lo: 0n, hi: cpusMax - 1n }, origins, id);
  return number(ofBytes(types.size(parameter.type) || 8), origins, id);
}

function fromMap(
  machine: Machine,
  map: number,
  { lo, hi, bytes, index }: { lo: bigint; hi: bigint; bytes: number; index: Origins },
  id: number,
): Value {
  const definition = machine.maps[map];
  const section = definition?.section ?? null;
  const cell = machine.globals.cell(map, Number(lo), Number(hi));
  if (section === ".kconfig") {
    const value = bytesAt(definition?.initial ?? null, Number(lo), bytes);
    return { ...constant(value, origin(`kconfig:${value}`)), id };
  }
  const isKnob = section?.startsWith(".rodata") === true;
  machine.facts.readBases.add(cell.base);
  const origins: Origins = isKnob
    ? origin(knobSource(cell.base))
    : origin(cellSource(cellId(cell)));
  if ((isKnob || machine.constantBases.has(cell.base)) && lo === hi)
    return { ...constant(bytesAt(definition?.initial ?? null, Number(lo), bytes), origins), id };
  const kept = bytes === 8 && !isKnob ? keptPointer(machine, map, Number(lo)) : null;
  if (kept !== null) return pointer(kept, { mayBeNull: true, origins, id });
  if (!isKnob) return unknownOf(bytes, withIndex(origins, cell.base, index), id);
  // A table: which of its numbers it is depends on the index.
  const all = union(origins, through(index, direction.control));
  return { ...overArray(machine, map, cell.base, bytes, all), id };
}

/** What chose the place, as far as it is a property of a task, or of the time. */
function withIndex(origins: Origins, base: string, index: Origins): Origins {
  let found = origins;
  for (const source of index.keys()) {
    const inner = source.startsWith("key:") ? source.slice(source.lastIndexOf("|") + 1) : source;
    if (!isChoice(inner)) continue;
    found = union(found, origin(indexSource(base, inner), direction.control));
  }
  return found;
}

/** What tells one task from another, or one time from another; numbers of CPUs and loops don't. */
export function isChoice(source: string): boolean {
  return (
    /^(field:(?!task_struct\.(thread_info\.cpu|wake_cpu|recent_used_cpu)$)|call:bpf_get_prandom|address:|part:)/.test(
      source,
    ) || isClock(source)
  );
}

/** What a pointer in a map's value or a global points to, by the object's types; null: no pointer is there. */
function keptPointer(machine: Machine, map: number, offset: number): Region | null {
  const { own, types, globals } = machine;
  const variable = machine.maps[map]?.section === null ? null : globals.at(map, offset);
  const type = variable?.typeId ?? machine.maps[map]?.valueType ?? 0;
  if (type === 0) return null;
  const at = offset - (variable?.offset ?? 0);
  const field = at < 0 ? null : own.fieldAt(type, at);
  if (field === null || field.type === 0 || !own.isPointer(field.type)) return null;
  const structure = types.structure(own.btf.name(own.pointee(field.type)));
  if (structure === 0) return regionOf({ kind: "unknown" });
  return regionOf({ kind: "kernel", type: structure, role: "" });
}

/** Some element of a constant array: between its least and its greatest. */
function overArray(
  machine: Machine,
  map: number,
  name: string,
  bytes: number,
  origins: Origins,
): Value {
  const variable = machine.object.globals.get(name);
  const initial = machine.maps[map]?.initial ?? null;
  if (variable === undefined || variable.map !== map || variable.size > 65_536)
    return unknownOf(bytes, origins);
  let [lo, hi] = [ofBytes(bytes).hi, 0n];
  for (let at = variable.offset; at + bytes <= variable.offset + variable.size; at += bytes) {
    const value = bytesAt(initial, at, bytes);
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return lo > hi ? unknownOf(bytes, origins) : number({ lo, hi }, origins);
}

function bytesAt(initial: Uint8Array | null, at: number, bytes: number): bigint {
  let value = 0n;
  for (let index = bytes - 1; index >= 0; index -= 1)
    value = (value << 8n) | BigInt(initial?.[at + index] ?? 0);
  return value;
}

export function store(
  machine: Machine,
  state: State,
  site: Site,
  access: Access,
  value: Value,
): void {
  const { base, bytes } = access;
  const [lo, hi] = [base.lo + BigInt(access.offset), base.hi + BigInt(access.offset)];
  const { region } = base;
  const { facts } = machine;
  switch (region?.kind) {
    case "stack":
      state.store(region.frame, lo, hi, bytes, value);
      return;
    case "map-value":
      facts.addStore({
        ...site,
        cell: machine.globals.cell(region.map, Number(lo), Number(hi)),
        value,
      });
      break;
    case "heap":
      facts.addStore({
        ...site,
        value,
        cell: { base: `heap ${region.name}`, offset: lo === hi ? Number(lo) : null },
      });
      break;
    case "kernel": {
      const field = lo === hi ? machine.types.fieldAt(region.type, Number(lo)) : null;
      if (field !== null) facts.addStore({ ...site, cell: { base: field.path, offset: 0 }, value });
      return;
    }
    default:
      facts.escaped.add("*");
  }
  if (isTask(value)) state.path = { ...state.path, handed: true };
}

/** The op's task, or its number. */
export function isTask(value: Value): boolean {
  if (value.region?.kind === "kernel") return value.region.role === "p";
  return hasSource(value.origins, "field:task_struct.pid") && value.region === null;
}
