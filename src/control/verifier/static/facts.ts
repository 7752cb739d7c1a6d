// What the data flow found, for the rules: the calls that ops make with the values of their arguments,
// what branches compare, what is stored where, which kernel fields are read, and how ops can end. Facts
// are joined over all states in which an instruction was reached.

import type { Condition } from "../../../simulator/machine/instruction.ts";
import type { Cell } from "./cell.ts";
import { isTelling } from "./identities.ts";
import type { Field } from "./kernel-types.ts";
import { instructionOf } from "./machine.ts";
import { noOrigins, type Origins, sourcesOf, union } from "./origins.ts";
import type { Program } from "./program.ts";
import type { Path } from "./state.ts";
import { joinValues, type Value } from "./value.ts";

/** One use of a function: an op's program, or a subprogram or callback called from one place. */
export interface Activation {
  readonly key: string;
  /** Counted from 1: ids of values are made of it. */
  readonly serial: number;
  readonly program: Program;
  /** The op; "timer" for a timer's callback. */
  readonly op: string;
  /** Null: the op's own program. */
  readonly caller: Activation | null;
  /** Where in the caller. */
  readonly callSite: number;
  readonly depth: number;
  /** As many times as the callback is called by one call of bpf_loop and its like; 1 for plain calls. */
  rounds: bigint;
  /** Whether its instructions can run more than once in one call of the op, loops of its own aside. */
  readonly repeats: boolean;
}

/** Whether the instruction can run more than once in one call of the op. */
export function isRepeated({ activation, instruction }: Site): boolean {
  const { flow } = activation.program;
  return activation.repeats || flow.isInLoop[flow.blockOf[instruction] ?? -1] === 1;
}

/** An instruction as used from one op. */
export interface Site {
  readonly activation: Activation;
  readonly instruction: number;
}

export function siteKey({ activation, instruction }: Site): string {
  return `${activation.key}:${instruction}`;
}

export interface CallFact extends Site {
  /** Without a kernel's `___v2`: "scx_bpf_dsq_insert", "bpf_map_lookup_elem". */
  readonly name: string;
  /** As the kernel has it. */
  readonly fullName: string;
  readonly kind: "kfunc" | "helper";
  readonly args: readonly Value[];
  /** What lies where the arguments point on the stack, 8 bytes each: four words of each argument. */
  readonly words: readonly (readonly Value[])[];
  /** Paths in whose states it was reached. */
  readonly paths: ReadonlyMap<number, Path>;
}

export interface BranchFact extends Site {
  readonly condition: Condition;
  readonly wide: boolean;
  readonly left: Value;
  readonly right: Value;
  /** Whether the jump can be taken, and whether it can be not. */
  readonly taken: boolean;
  readonly falls: boolean;
}

export interface StoreFact extends Site {
  readonly cell: Cell;
  readonly value: Value;
}

export interface ReadFact extends Site {
  readonly field: Field;
  /** Read by a helper (bpf_probe_read_kernel), not by a load. */
  readonly byHelper: boolean;
  readonly role: string;
}

/** A way in which an op's own program can end. */
export interface ExitFact extends Site {
  readonly path: Path;
  readonly result: Value;
}

export class Facts {
  readonly calls = new Map<string, CallFact>();
  readonly branches = new Map<string, BranchFact>();
  readonly stores = new Map<string, StoreFact>();
  readonly reads = new Map<string, ReadFact>();
  readonly exits = new Map<string, ExitFact>();
  readonly activations = new Map<string, Activation>();
  /** Bases of cells whose address went where it can't be followed. */
  readonly escaped = new Set<string>();
  readonly readBases = new Set<string>();
  /** Blocks that ops reach, "activation:block". */
  readonly reached = new Set<string>();
  /** The edges between states of ops' own programs: "block:path key" → where its first state came from. */
  readonly cameFrom = new Map<string, string>();
  /** Why the analysis is not complete; null: it is. */
  incomplete: string | null = null;
  instructionsVisited = 0;

  addCall(fact: CallFact, path: Path, key: number): void {
    const id = siteKey(fact);
    const known = this.calls.get(id);
    const paths = new Map(known?.paths ?? []);
    paths.set(key, path);
    if (known === undefined) {
      this.calls.set(id, { ...fact, paths });
      return;
    }
    this.calls.set(id, {
      ...fact,
      paths,
      args: fact.args.map((value, index) => join(known.args[index], value)),
      words: fact.words.map((words, argument) =>
        words.map((value, index) => join(known.words[argument]?.[index], value)),
      ),
    });
  }

  addBranch(fact: BranchFact): void {
    const id = siteKey(fact);
    const known = this.branches.get(id);
    if (known === undefined) {
      this.branches.set(id, fact);
      return;
    }
    this.branches.set(id, {
      ...fact,
      left: join(known.left, fact.left),
      right: join(known.right, fact.right),
      taken: known.taken || fact.taken,
      falls: known.falls || fact.falls,
    });
  }

  addStore(fact: StoreFact): void {
    const id = `${siteKey(fact)} ${fact.cell.base} ${fact.cell.offset}`;
    this.stores.set(id, { ...fact, value: join(this.stores.get(id)?.value, fact.value) });
  }

  addRead(fact: ReadFact): void {
    this.reads.set(`${siteKey(fact)} ${fact.field.path}`, fact);
  }

  addExit(fact: ExitFact, key: number): void {
    const id = `${siteKey(fact)} ${key}`;
    this.exits.set(id, { ...fact, result: join(this.exits.get(id)?.result, fact.result) });
  }

  branchAt(activation: Activation, instruction: number): BranchFact | null {
    return this.branches.get(`${activation.key}:${instruction}`) ?? null;
  }

  /** What a block's branch asks, by its origins; nothing where it has none. */
  conditionOrigins(activation: Activation, block: number): Origins {
    const last = (activation.program.flow.blocks[block]?.end ?? 0) - 1;
    const branch = this.branchAt(activation, last);
    if (branch === null) return noOrigins;
    return comparedOrigins(branch);
  }
}

/** Whether a compared value is as it was read: nothing was computed of it. */
export function isLoaded({ activation }: BranchFact, value: Value): boolean {
  const made = instructionOf(value.id);
  return made !== null && activation.program.code[made]?.kind === "load";
}

/** What a comparison depends on. Names compared with a knob's are what the specification declares. */
export function comparedOrigins({ left, right, condition }: BranchFact): Origins {
  if (!isIdentified(left.origins) && !isIdentified(right.origins))
    return sourcesOf(union(left.origins, right.origins));
  const found = new Map(sourcesOf(union(left.origins, right.origins)));
  // Whether two tasks are of one process, or one is the other, is no property of either; nor that there
  // is a number at all.
  const isRelation =
    (isIdentified(left.origins) && right.origins.size > 0) ||
    (isIdentified(right.origins) && left.origins.size > 0);
  const asksForAny =
    (condition === "eq" || condition === "ne") && right.hi === 0n && left.hi >= 1n << 31n;
  if (isRelation || asksForAny)
    for (const source of found.keys()) if (isTelling(source)) found.delete(source);
  return found;
}

function isIdentified(origins: Origins): boolean {
  for (const source of origins.keys()) if (isTelling(source)) return true;
  return false;
}

function join(known: Value | undefined, value: Value): Value {
  return known === undefined ? value : joinValues(known, value);
}
