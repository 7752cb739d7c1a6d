// Calls: kfuncs and helpers by their effects, subprograms and callbacks by running them. Called by
// data-flow.ts.

import type { Reference } from "../../../simulator/object/bpf-object.ts";
import { essentialName } from "../../../simulator/object/btf.ts";
import { type Call, followPath, writeFields, writeMaps, writtenThrough } from "./call-effects.ts";
import { fillMemory } from "./call-memory.ts";
import { resultOf } from "./call-results.ts";
import { type Activation, isRepeated, type Site } from "./facts.ts";
import { type Machine, valueId } from "./machine.ts";
import { noOrigins } from "./origins.ts";
import { regionOf } from "./region.ts";
import { joinStates, pathKey, State } from "./state.ts";
import { anything, number, pointer, type Value } from "./value.ts";

const depthMax = 8;
/** Rounds of a callback until its effects on the caller's variables are widened to anything. */
const callbackRounds = 4;

/** The states after the call: several where a subprogram can end in different ways. */
export function call(
  machine: Machine,
  state: State,
  site: Site,
  target: { helper: number } | { reference: Reference | undefined },
): State[] {
  if ("reference" in target && target.reference?.kind === "function")
    return enterSubprogram(machine, state, site, target.reference.function);
  const names = nameOf(machine, target);
  const id = valueId(site.activation, site.instruction);
  const args = [1, 2, 3, 4, 5].map((index) => state.register(index));
  const count = wordCount(names.name);
  const words = args.map((value) => wordsAt(state, value, count));
  const made: Call = { name: names.name, machine, state, site, args, words, id };
  const kind = "helper" in target ? "helper" : "kfunc";
  // A path is told as it was before the call.
  const fact = { ...site, ...names, kind, args, words, paths: new Map() } as const;
  machine.facts.addCall(fact, state.path, pathKey(state.path));
  noteEscapes(machine, names.name, writtenThrough(machine, names.name, args));
  const states = runCallback(made);
  for (const after of states) finish(made, after);
  return states;
}

function nameOf(
  machine: Machine,
  target: { helper: number } | { reference: Reference | undefined },
): { name: string; fullName: string } {
  if ("helper" in target) {
    const name = machine.types.helper(target.helper);
    return { name, fullName: name };
  }
  const { reference } = target;
  const ksym = reference?.kind === "ksym" ? machine.object.ksyms[reference.ksym] : undefined;
  const fullName = ksym?.name ?? "unknown";
  return { name: essentialName(fullName), fullName };
}

function finish(made: Call, after: State): void {
  const call = { ...made, state: after };
  followPath(call);
  fillMemory(call);
  writeFields(call);
  writeMaps(call);
  if (isRepeated(made.site)) after.release(made.id);
  const result = resultOf(call);
  after.registers[0] = result;
  for (let register = 1; register <= 5; register += 1) after.registers[register] = anything;
}

/** As many as a structure of arguments has (struct scx_bpf_dsq_insert_vtime_args); else the first says all. */
function wordCount(name: string): number {
  return name.startsWith("__scx_bpf_") ? 4 : 1;
}

function wordsAt(state: State, value: Value, count: number): Value[] {
  if (value.region?.kind !== "stack" || value.lo !== value.hi) return [];
  const { frame } = value.region;
  const at = Number(value.lo);
  return Array.from({ length: count }, (_, index) => {
    const slot = state.frames[frame]?.get(at + index * 8);
    return slot?.value ?? state.load(frame, BigInt(at + index * 8), BigInt(at + index * 8), 8);
  });
}

/** Helpers that only look at the memory they are given, or whose writes are followed. */
const harmless =
  /^(bpf_map_(lookup|update|delete)|bpf_spin_|bpf_timer_|scx_bpf_error|scx_bpf_exit|scx_bpf_dump)/;

/** Globals whose address a call is given may be changed by it. */
function noteEscapes(machine: Machine, name: string, args: readonly Value[]): void {
  if (harmless.test(name)) return;
  for (const value of args)
    if (value.region?.kind === "map-value")
      machine.facts.escaped.add(
        machine.globals.cell(value.region.map, Number(value.lo), Number(value.hi)).base,
      );
}

function enterSubprogram(machine: Machine, state: State, site: Site, index: number): State[] {
  const inner = activation(machine, site, index, 1n);
  if (inner === null) {
    state.registers[0] = anything;
    for (let register = 1; register <= 5; register += 1) state.registers[register] = anything;
    return [state];
  }
  return through(machine, state, inner, state.registers.slice(1, 6));
}

function activation(
  machine: Machine,
  site: Site,
  index: number,
  rounds: bigint,
): Activation | null {
  const caller = site.activation;
  const program = machine.programs.at(index);
  const tooDeep = caller.depth >= depthMax;
  if (program === null || tooDeep) {
    machine.facts.incomplete ??= tooDeep
      ? `calls nest deeper than ${depthMax}`
      : "a function is too large";
    return null;
  }
  const key = `${caller.key}>${site.instruction}.${index}`;
  const known = machine.facts.activations.get(key);
  if (known !== undefined) {
    if (rounds > known.rounds) known.rounds = rounds;
    return known;
  }
  const made: Activation = {
    ...{ key, program, caller, callSite: site.instruction, op: caller.op },
    serial: machine.facts.activations.size + 1,
    ...{ depth: caller.depth + 1, rounds, repeats: rounds > 1n || isRepeated(site) },
  };
  machine.facts.activations.set(key, made);
  return made;
}

/** Runs it in a frame of its own; registers 6 to 9 are the caller's again afterwards. */
function through(
  machine: Machine,
  state: State,
  inner: Activation,
  args: readonly Value[],
): State[] {
  const frame = state.frames.length;
  const stack = pointer(regionOf({ kind: "stack", frame }));
  const scratch = [anything, anything, anything, anything];
  const entry = new State(
    [anything, ...args, ...scratch, stack],
    [...state.copy().frames, new Map()],
    state.path,
  );
  return machine.enter(inner, [entry]).map((exit) => {
    const frames = exit.copy().frames.slice(0, frame);
    const after = new State([...state.registers], frames, exit.path);
    after.registers[0] = exit.register(0);
    for (let register = 1; register <= 5; register += 1) after.registers[register] = anything;
    return after;
  });
}

/** What a callback gets, and how often it runs. */
function callbackOf(made: Call): { at: number; rounds: bigint; args: Value[] } | null {
  const [first = anything, second = anything, third = anything] = made.args;
  switch (made.name) {
    case "bpf_loop": {
      const most = first.region === null && first.hi < 1n << 32n ? first.hi : 1n << 23n;
      const index = number({ lo: 0n, hi: most > 0n ? most - 1n : 0n }, first.origins);
      return { at: 1, rounds: most, args: [index, third] };
    }
    case "bpf_for_each_map_elem": {
      const map = first.region?.kind === "map" ? first.region.map : null;
      const entries = map === null ? 1 : (made.machine.maps[map]?.maxEntries ?? 1);
      const value = map === null ? anything : pointer(regionOf({ kind: "map-value", map }));
      return { at: 1, rounds: BigInt(entries), args: [first, anything, value, third] };
    }
    case "bpf_timer_set_callback": {
      const map = first.region?.kind === "map-value" ? first.region.map : null;
      if (second.region?.kind === "function") made.machine.later(second.region.function, map);
      return null;
    }
    default:
      return null;
  }
}

function runCallback(made: Call): State[] {
  const callback = callbackOf(made);
  const value = callback === null ? undefined : made.args[callback.at];
  if (callback === null || value?.region?.kind !== "function") return [made.state];
  const inner = activation(made.machine, made.site, value.region.function, callback.rounds);
  if (inner === null) return [made.state];
  const args = Array.from({ length: 5 }, (_, index) => callback.args[index] ?? anything);
  const found = new Map<number, State>([[pathKey(made.state.path), made.state]]);
  for (let round = 0; round <= callbackRounds; round += 1) {
    let changed = false;
    for (const state of [...found.values()]) {
      for (const after of through(made.machine, state, inner, args)) {
        const key = pathKey(after.path);
        const known = found.get(key);
        const widen = round >= callbackRounds - 1;
        const joined =
          known === undefined
            ? after
            : joinStates(
                known,
                after,
                () => 0,
                () => noOrigins,
                widen,
              );
        if (joined === known) continue;
        found.set(key, joined);
        changed = true;
      }
    }
    if (!changed) break;
  }
  return [...found.values()];
}
