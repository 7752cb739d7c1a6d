// The abstract interpretation itself: for each op the states at every block until nothing new comes,
// subprograms and callbacks run in the states of their callers. States that differ in what happened to the
// task (state.ts, Path) stay apart; others are joined where ways meet and widened in loops. Work is
// bounded: at a limit the facts say that they are incomplete.

import type { BpfObject, MapDefinition } from "../../../simulator/object/bpf-object.ts";
import { assume, outcomes } from "./branch.ts";
import { call } from "./call.ts";
import { fromAllocation } from "./call-effects.ts";
import { GlobalTable } from "./cell.ts";
import { type Activation, Facts } from "./facts.ts";
import { implied } from "./implied-origins.ts";
import { kernelTypes } from "./kernel-types.ts";
import { askedKeys, isOrdinaryIndex } from "./keys.ts";
import { joinId, type Machine } from "./machine.ts";
import { isArrayMap } from "./map-kinds.ts";
import { hasSource, noOrigins } from "./origins.ts";
import type { Program, Programs } from "./program.ts";
import { regionOf } from "./region.ts";
import { joinStates, pathKey, State, startOfPath } from "./state.ts";
import { operandValue, transfer } from "./transfer.ts";
import { anything, pointer, type Value } from "./value.ts";
import { Worklist } from "./worklist.ts";

export const dataFlowLimits = {
  /** Instructions looked at, over all states and rounds: the largest seed policy takes 2,000. */
  instructionsMax: 60_000,
  /** Rounds of a loop's head until bounds that still move are given up. */
  loopRounds: 3,
  /** The same for any other block. */
  blockRounds: 24,
} as const;

export interface Entry {
  readonly op: string;
  readonly function: number;
}

export interface DataFlowRequest {
  readonly object: BpfObject;
  readonly maps: readonly MapDefinition[];
  readonly entries: readonly Entry[];
  readonly programs: Programs;
  readonly constantBases: ReadonlySet<string>;
  /** Hashes that the policy never fills: that nothing is found there is no failure. */
  readonly emptyMaps: ReadonlySet<number>;
}

class LimitReached extends Error {}

export function dataFlow(request: DataFlowRequest): Facts {
  return new DataFlow(request).run();
}

interface Run {
  /** By block: states by the key of their path. */
  readonly states: Map<number, State>[];
  readonly rounds: Int32Array;
  readonly exits: Map<number, State>;
}

class DataFlow implements Machine {
  readonly object: BpfObject;
  readonly maps: readonly MapDefinition[];
  readonly types;
  readonly own;
  readonly programs: Programs;
  readonly globals: GlobalTable;
  readonly facts = new Facts();
  readonly constantBases: ReadonlySet<string>;
  readonly #emptyMaps: ReadonlySet<number>;
  readonly #entries: Entry[];
  readonly #runs = new Map<string, Run>();
  readonly #later: { callback: number; map: number | null }[] = [];

  constructor(request: DataFlowRequest) {
    this.object = request.object;
    this.maps = request.maps;
    this.types = kernelTypes(request.object.kernelBtf);
    this.own = kernelTypes(request.object.btf);
    this.programs = request.programs;
    this.globals = new GlobalTable(request.object);
    this.constantBases = request.constantBases;
    this.#emptyMaps = request.emptyMaps;
    this.#entries = [...request.entries];
  }

  run(): Facts {
    try {
      for (const { op, function: index } of this.#entries) {
        this.#start(op, index, [pointer(regionOf({ kind: "context" }))]);
      }
      const seen = new Set<number>();
      for (let next = this.#later.pop(); next !== undefined; next = this.#later.pop()) {
        if (seen.has(next.callback)) continue;
        seen.add(next.callback);
        const { map } = next;
        const value = map === null ? anything : pointer(regionOf({ kind: "map-value", map }));
        this.#start("timer", next.callback, [anything, anything, value]);
      }
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      this.facts.incomplete = `the policy is too large: more than ${dataFlowLimits.instructionsMax} steps`;
    }
    return this.facts;
  }

  #start(op: string, index: number, args: readonly Value[]): void {
    const program = this.programs.at(index);
    if (program === null) {
      this.facts.incomplete ??= `${op}() is too large`;
      return;
    }
    const key = op === "timer" ? `timer ${index}` : op;
    const activation: Activation = {
      serial: this.facts.activations.size + 1,
      ...{ key, program, op, caller: null, callSite: 0, depth: 0, rounds: 1n, repeats: false },
    };
    this.facts.activations.set(key, activation);
    const registers = Array.from({ length: 11 }, () => anything);
    for (const [at, value] of args.entries()) registers[at + 1] = value;
    registers[10] = pointer(regionOf({ kind: "stack", frame: 0 }));
    this.enter(activation, [new State(registers, [new Map()], startOfPath)]);
  }

  later(callback: number, map: number | null): void {
    this.#later.push({ callback, map });
  }

  enter(activation: Activation, entry: readonly State[]): State[] {
    const run = this.#runOf(activation, pathKey(entry[0]?.path ?? startOfPath));
    const dirty = new Worklist(activation.program.flow.blocks.length);
    for (const state of entry) this.#arrive(activation, run, dirty, 0, state, -1);
    for (let next = dirty.take(); next !== null; next = dirty.take()) {
      const state = run.states[next.block]?.get(next.key);
      if (state !== undefined) this.#block(activation, run, dirty, next.block, state.copy());
    }
    return [...run.exits.values()];
  }

  /** Ways to get there that are told apart come back apart. */
  #runOf(activation: Activation, path: number): Run {
    const key = `${activation.key} ${path}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const { blocks } = activation.program.flow;
    const made = {
      states: blocks.map(() => new Map<number, State>()),
      rounds: new Int32Array(blocks.length),
      exits: new Map<number, State>(),
    };
    this.#runs.set(key, made);
    return made;
  }

  /** A state reaches a block. */
  #arrive(
    activation: Activation,
    run: Run,
    dirty: Worklist,
    block: number,
    state: State,
    from: number,
    fromKey = 0,
  ): void {
    const states = run.states[block];
    if (states === undefined) return;
    const key = pathKey(state.path);
    const known = states.get(key);
    if (known === undefined) {
      states.set(key, state);
      dirty.add(block, key);
      this.facts.reached.add(`${activation.key}:${block}`);
      this.facts.cameFrom.set(`${activation.key}:${block}:${key}`, `${from}:${fromKey}`);
      return;
    }
    const { flow } = activation.program;
    const isHead = flow.isLoopHead[block] === 1;
    const rounds = run.rounds[block] ?? 0;
    const limit = isHead ? dataFlowLimits.loopRounds : dataFlowLimits.blockRounds;
    const joined = joinStates(
      known,
      state,
      (place) => joinId(activation, block, place),
      () => implied(this.facts, activation, block),
      rounds >= limit,
    );
    if (joined === known) return;
    run.rounds[block] = rounds + 1;
    states.set(key, joined);
    dirty.add(block, key);
  }

  #block(activation: Activation, run: Run, dirty: Worklist, block: number, start: State): void {
    const { program } = activation;
    const shape = program.flow.blocks[block];
    if (shape === undefined) return;
    const startKey = pathKey(start.path);
    let states = [start];
    for (let at = shape.start; at < shape.end; at += 1) {
      const instruction = program.code[at];
      if (instruction === undefined) return;
      this.facts.instructionsVisited += states.length;
      if (this.facts.instructionsVisited > dataFlowLimits.instructionsMax) throw new LimitReached();
      const site = { activation, instruction: at };
      switch (instruction.kind) {
        case "helper":
          states = states.flatMap((state) => call(this, state, site, { helper: instruction.id }));
          break;
        case "call": {
          const reference = program.of.references.get(at);
          states = states.flatMap((state) => call(this, state, site, { reference }));
          break;
        }
        case "exit":
          for (const state of states) this.#exit(activation, run, at, state);
          return;
        case "jump":
        case "branch":
        case "may-goto":
        case "skip":
          break;
        default:
          for (const state of states) transfer(this, state, site, instruction);
      }
    }
    for (const state of states)
      for (const [target, after] of this.#edges(activation, program, shape.end - 1, state)) {
        const successor = program.flow.blockOf[target] ?? -1;
        if (successor >= 0) this.#arrive(activation, run, dirty, successor, after, block, startKey);
      }
  }

  /** Where a state goes from the last instruction of a block. */
  #edges(activation: Activation, program: Program, at: number, state: State): [number, State][] {
    const last = program.code[at];
    if (last?.kind === "jump") return [[last.target, state]];
    if (last?.kind === "may-goto")
      return [
        [last.target, state.copy()],
        [at + 1, state],
      ];
    if (last?.kind !== "branch") return [[at + 1, state]];
    const { condition, wide, dst, operand, target } = last;
    const left = state.register(dst);
    const right = operandValue(state, operand, wide);
    const [taken, falls] = outcomes(condition, wide, left, right);
    const site = { activation, instruction: at };
    this.facts.addBranch({ ...site, condition, wide, left, right, taken, falls });
    const compared = { condition, wide, left, right };
    const edges: [number, State][] = [];
    if (taken) {
      const after = falls ? state.copy() : state;
      assume(after, compared, true);
      edges.push([target, this.#failing(after, compared, true)]);
    }
    if (falls) {
      assume(state, compared, false);
      edges.push([at + 1, this.#failing(state, compared, false)]);
    }
    return edges;
  }

  #exit(activation: Activation, run: Run, at: number, state: State): void {
    const key = pathKey(state.path);
    if (activation.caller === null) {
      const result = state.register(0);
      this.facts.addExit({ activation, instruction: at, path: state.path, result }, key);
    }
    const known = run.exits.get(key);
    const id = (place: number) => joinId(activation, activation.program.flow.blocks.length, place);
    run.exits.set(
      key,
      known === undefined ? state : joinStates(known, state, id, () => noOrigins, false),
    );
  }

  /** Notes on a path that an allocation failed: a pointer is NULL, or a result is not 0. */
  #failing(
    state: State,
    { condition, left, right }: { condition: string; left: Value; right: Value },
    holds: boolean,
  ): State {
    // A pointer that the policy keeps: NULL where it never got one.
    const isKept = left.region !== null && hasSource(left.origins, "cell:");
    if (state.path.failed || !(isKept || fromAllocation(left.origins))) return state;
    if (right.region !== null || right.hi !== 0n || this.#isNeverThere(left)) return state;
    const isEqual = (condition === "eq") === holds && /^(eq|ne)$/.test(condition);
    const isPointer = left.region !== null;
    const failed = isPointer
      ? isEqual
      : /^(eq|ne)$/.test(condition)
        ? !isEqual
        : (condition === "slt") === holds;
    if (failed) state.path = { ...state.path, failed: true };
    return state;
  }

  /**
   * An array has all its elements: a look-up that finds none was asked with too large a number. And a hash
   * has only what was put there.
   */
  #isNeverThere({ region, origins }: Value): boolean {
    if (region?.kind !== "map-value") return false;
    if (this.#emptyMaps.has(region.map)) return true;
    if (!isArrayMap(this.maps[region.map]?.type)) return false;
    return askedKeys(origins).some(({ source }) => !isOrdinaryIndex(source));
  }
}
