// A BPF object made to run: its maps, globals and programs in a sandbox, as the PolicyOps that the core
// calls and the VisibleState that the core fills. Called by simulate; knows nothing of scenarios beyond
// the machine's shape.

import { type OpName, type OpsSettings, opNames } from "../core/policy-ops.ts";
import { ObjectError } from "../errors.ts";
import type { Unsupported } from "../machine/calls.ts";
import { instantiate } from "../machine/instantiate.ts";
import type { Translation } from "../machine/machine.ts";
import { translate } from "../machine/translate.ts";
import type { BpfObject, StructOps } from "../object/bpf-object.ts";
import type { Btf } from "../object/btf.ts";
import { readBpfObject } from "../object/read-object.ts";
import { callTable, refuseCall } from "./calls.ts";
import { comparedNames } from "./compared-names.ts";
import { withKnobs } from "./knobs.ts";
import { MapTable } from "./maps/map-table.ts";
import { giveBackMemory, takeMemory } from "./memory-pool.ts";
import { Cgroups } from "./objects/cgroups.ts";
import { Cpumasks } from "./objects/cpumasks.ts";
import { Cpus } from "./objects/cpus.ts";
import { IdleMasks } from "./objects/idle-masks.ts";
import { layoutOf } from "./objects/layout.ts";
import { OpArguments } from "./objects/op-arguments.ts";
import { Tasks } from "./objects/tasks.ts";
import { type PolicyInstance, type PolicyRequest, policyLimits } from "./policy-instance.ts";
import { ProgramOps } from "./program-ops.ts";
import { Surroundings } from "./surroundings.ts";
import { unsupportedBy } from "./unsupported.ts";
import { VisibleObjects } from "./visible-objects.ts";

/** Throws ObjectError (a broken object, an unknown knob) or SimulatorLimit. */
export function createPolicy(request: PolicyRequest): PolicyInstance {
  const object = objectOf(request.objectBytes, request.kernelBtf);
  const scheduler = schedulerOf(object);
  const programs = programsOf(scheduler);
  const limits = { ...policyLimits, ...request.limits };
  const memory = takeMemory(limits.memoryBytes);
  const layout = layoutOf(request.kernelBtf);
  const masks = new Cpumasks(memory, layout, request.topology.llcOf.length);
  const tasks = new Tasks(memory, layout, masks);
  const cpus = new Cpus(memory, layout, masks, request.topology, object.ksyms);
  for (let cpu = 0; cpu < cpus.count; cpu += 1) cpus.setIdle(cpu, tasks.idleAddress(cpu));
  const host = { memory, cpus: cpus.count, currentCpu: () => surroundings.kernel.currentCpu() };
  const definitions = withKnobs(object, request.knobs ?? {});
  const maps = new MapTable(
    definitions,
    host,
    (type) => layout.enumeratorName("bpf_map_type", "BPF_MAP_TYPE_", type) ?? `map type ${type}`,
  );
  const surroundings: Surroundings = new Surroundings({
    object,
    memory,
    layout,
    masks,
    tasks,
    cpus,
    maps,
    cgroups: new Cgroups(memory, layout, request.cgroups),
    idleMasks: new IdleMasks(memory, masks, request.topology),
    settings: { ...settingsOf(scheduler), ...request.imposed },
    ownsIdle: programs.has("update_idle"),
  });
  const calls = callTable(surroundings);
  const translation = onceFor(translations, object, () => translate(object, calls));
  const machine = instantiate({
    translation,
    memory,
    calls,
    addresses: {
      map: (index) => maps.all[index]?.handle ?? 0,
      mapValue: (index) => maps.all[index]?.start ?? 0,
      ksym: (index) => cpus.variable(object.ksyms[index]?.name ?? ""),
    },
    refuse: (call) => refuseCall(surroundings, call),
  });
  surroundings.start(machine);
  const unsupported = onceFor(unsupportedOf, object, () =>
    unsupportedBy(object, scheduler, translation.unsupported, cpus.unmodelled, layout),
  );
  surroundings.unsupported.push(...unsupported, ...maps.unsupported);
  giveHints(surroundings, request.hints);
  let released = false;
  return {
    ops: new ProgramOps(
      surroundings,
      programs,
      new OpArguments(memory, layout),
      limits.fuelPerCallback,
    ),
    state: new VisibleObjects(surroundings),
    attach: (kernel) => surroundings.attach(kernel),
    unsupported: surroundings.unsupported,
    printed: surroundings.printed,
    names: () => comparedNames(object, definitions),
    global: (name) => {
      const variable = object.globals.get(name);
      const map = variable === undefined ? undefined : maps.all[variable.map];
      if (variable === undefined || map === undefined) return null;
      const start = map.start + variable.offset;
      return memory.bytes.slice(start, start + variable.size);
    },
    release: () => {
      if (released) return;
      released = true;
      giveBackMemory(limits.memoryBytes, memory);
    },
  };
}

const objects = new WeakMap<Uint8Array, { kernelBtf: Btf; object: BpfObject }>();
/** The signatures of the calls are the same for every instance, so its translation is, too. */
const translations = new WeakMap<BpfObject, Translation>();
const unsupportedOf = new WeakMap<BpfObject, readonly Unsupported[]>();

function objectOf(bytes: Uint8Array, kernelBtf: Btf): BpfObject {
  const known = objects.get(bytes);
  if (known?.kernelBtf === kernelBtf) return known.object;
  const object = readBpfObject(bytes, kernelBtf);
  objects.set(bytes, { kernelBtf, object });
  return object;
}

function onceFor<T>(made: WeakMap<BpfObject, T>, object: BpfObject, make: () => T): T {
  const known = made.get(object);
  if (known !== undefined) return known;
  const value = make();
  made.set(object, value);
  return value;
}

function schedulerOf(object: BpfObject): StructOps {
  const schedulers = object.structOps.filter(({ type }) => type.startsWith("sched_ext_ops"));
  const [scheduler] = schedulers;
  if (!scheduler) throw new ObjectError("the object defines no scheduler (struct sched_ext_ops)");
  if (schedulers.length > 1) throw new ObjectError("the object defines more than one scheduler");
  if (scheduler.type !== "sched_ext_ops")
    throw new ObjectError(`the simulator runs struct sched_ext_ops, not ${scheduler.type}`);
  return scheduler;
}

function programsOf(scheduler: StructOps): Map<OpName, number> {
  const programs = new Map<OpName, number>();
  const known: ReadonlySet<string> = new Set(opNames);
  for (const member of scheduler.members)
    if (member.kind === "program" && member.function !== null && known.has(member.name))
      programs.set(member.name as OpName, member.function);
  return programs;
}

function settingsOf(scheduler: StructOps): OpsSettings {
  const bytes = new Map<string, Uint8Array>();
  for (const member of scheduler.members)
    if (member.kind === "data") bytes.set(member.name, member.bytes);
  const number = (name: string): number => {
    let value = 0;
    for (const byte of [...(bytes.get(name) ?? [])].reverse()) value = value * 256 + byte;
    return value;
  };
  const name = Buffer.from(bytes.get("name") ?? []).toString("utf8");
  return {
    name: name.split("\0", 1)[0] ?? "",
    flags: number("flags"),
    timeoutMs: number("timeout_ms"),
    dispatchMaxBatch: number("dispatch_max_batch"),
  };
}

/** Fills the map `hints` as the node's loader does: cgroup id → expected CPU time, ms. */
function giveHints(
  { maps, memory, cgroups }: Surroundings,
  hints: ReadonlyMap<number, number> | undefined,
): void {
  const map = maps.named("hints");
  if (!map || !hints || hints.size === 0) return;
  if (map.definition.keySize !== 8 || map.definition.valueSize !== 4)
    throw new ObjectError("the map hints has not a u64 key and a u32 value");
  const entry = memory.allocate(16, "none", "a hint");
  for (const [cgroup, ms] of hints) {
    memory.view.setUint32(entry, cgroups.idOf(cgroup), true);
    memory.view.setUint32(entry + 8, Math.min(Math.max(Math.round(ms), 0), 0xffff_ffff), true);
    if (map.update(entry, entry + 8, 0) < 0) throw new ObjectError("the map hints is full");
  }
  memory.release(entry);
}
