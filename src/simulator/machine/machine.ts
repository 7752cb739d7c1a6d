// The machine that runs a translated object: what translate() and instantiate() take and give. Used by
// runtime/, which owns the memory's contents (maps, globals, kernel objects) and implements the calls.

import type { ProgramFault } from "../errors.ts";
import type { BpfObject, Reference } from "../object/bpf-object.ts";
import type { Call, CallTable, Unsupported } from "./calls.ts";
import type { SandboxMemory } from "./memory.ts";

/**
 * One WebAssembly module for one object. Depends on the object and on the signatures of the calls, not
 * on addresses: may be instantiated many times, with other memories, addresses and knobs.
 */
export interface Translation {
  readonly object: BpfObject;
  readonly module: WebAssembly.Module;
  readonly bytes: Uint8Array;
  /** Which calls and addresses the module imports. */
  readonly plan: ImportPlan;
  /** Number of the first instruction of each function in the whole object; at the end, of all. */
  readonly sites: readonly number[];
  /** What programs refer to and nobody implements; reached, it throws ProgramFault "unsupported". */
  readonly unsupported: readonly Unsupported[];
}

/** What the module imports, in this order. */
export interface ImportPlan {
  readonly calls: readonly ({ readonly helper: number } | { readonly ksym: number })[];
  /** One global each. */
  readonly addresses: readonly Reference[];
}

/** Linear addresses of what the object refers to, by index; asked once each, for what is used. */
export interface Addresses {
  /** The map's handle: whatever number helpers know it by; a NULL-checked pointer, so not 0. */
  map(index: number): number;
  /** Where the value of a global-data map (or the data of an arena) starts. */
  mapValue(index: number): number;
  /** Address of a kernel variable that is present. */
  ksym(index: number): number;
}

export interface MachineRequest {
  readonly translation: Translation;
  readonly memory: SandboxMemory;
  /** Same signatures as at translation; implementations may differ. */
  readonly calls: CallTable;
  readonly addresses: Addresses;
  /** Told of a call that the running op may not make; the program goes on with 0. */
  refuse?(call: Call): void;
}

export interface Machine {
  /**
   * Runs an entry program (index in object.functions) with r1 = the address of its context (for
   * struct_ops: an array of u64 arguments). Answers r0's low half, signed. Throws ProgramFault, or what
   * a call threw; the machine stays usable. `op`: which one the program is, as opBits() gives it, for the
   * calls that only some may make.
   */
  run(program: number, contextAddress: number, op?: number): number;
  /**
   * Calls a function through a pointer that a call received (bpf_loop, timers, rbtree less). Each
   * argument goes zero-extended into r1–r5; answers r0's low half, signed.
   */
  callback(pointer: number, a1: number, a2: number, a3: number, a4: number, a5: number): number;
  /** Upper half of a `u64` result; called by a Call's implementation before it returns. */
  setHigh(high: number): void;
  /** Upper half, signed, of r0 after the last run() or callback(). */
  resultHigh(): number;
  /** Sets the fuel: about one unit an instruction in loops, one a call. At most 2^31 − 1. */
  refuel(units: number): void;
  fuelLeft(): number;
  /** Takes fuel for work that a call does on the program's behalf. Throws ProgramFault when out. */
  burn(units: number): void;
  /**
   * What a call throws when the program gave it something wrong: names the program, the instruction
   * and the C line of the call that is under way.
   */
  fault(kind: ProgramFault["kind"], message: string): ProgramFault;
  /** Name of the entry program that runs, null between runs. */
  readonly running: string | null;
}
