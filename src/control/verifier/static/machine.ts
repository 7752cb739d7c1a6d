// What the transfer functions share: the object with its knobs set, its types, and where facts go. One for
// each pass of an analysis.

import type { BpfObject, MapDefinition } from "../../../simulator/object/bpf-object.ts";
import type { GlobalTable } from "./cell.ts";
import type { Activation, Facts } from "./facts.ts";
import type { KernelTypes } from "./kernel-types.ts";
import type { Programs } from "./program.ts";
import type { State } from "./state.ts";

export interface Machine {
  readonly object: BpfObject;
  /** With the knobs' values in the data. */
  readonly maps: readonly MapDefinition[];
  readonly types: KernelTypes;
  /** The object's own types, for what lies in its maps. */
  readonly own: KernelTypes;
  readonly programs: Programs;
  readonly globals: GlobalTable;
  readonly facts: Facts;
  /** Globals that nothing writes: they hold what the object says. */
  readonly constantBases: ReadonlySet<string>;
  /** Runs a subprogram or callback from its entry states; its exit states, r0 as it left it. */
  enter(activation: Activation, entry: readonly State[]): State[];
  /** A callback that the kernel calls later, of its own. */
  later(callback: number, map: number | null): void;
}

/** Of a value that an instruction makes. */
export function valueId(activation: Activation, instruction: number): number {
  return activation.serial * 2 ** 34 + instruction * 2 + 1;
}

/** Which instruction made the value of an id; null: a join did, or nothing is known. */
export function instructionOf(id: number): number | null {
  const rest = id % 2 ** 34;
  return id === 0 || rest >= 2 ** 33 ? null : (rest - 1) / 2;
}

/** Of a value that a join at a block makes. */
export function joinId(activation: Activation, block: number, place: number): number {
  return activation.serial * 2 ** 34 + 2 ** 33 + block * 2 ** 14 + place;
}
