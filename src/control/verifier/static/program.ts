// The functions of an object, decoded, with their control flow: each made once, when it is first reached.

import { decode, type Instruction } from "../../../simulator/machine/instruction.ts";
import type { BpfFunction, BpfObject } from "../../../simulator/object/bpf-object.ts";
import { type ControlFlow, controlFlow } from "./control-flow.ts";

/** More branches than this make the graph of a function too large to look at: no scheduler has so many. */
const branchesMax = 5000;

export interface Program {
  readonly index: number;
  readonly of: BpfFunction;
  readonly code: readonly Instruction[];
  readonly flow: ControlFlow;
}

export class Programs {
  readonly #object: BpfObject;
  readonly #made = new Map<number, Program>();

  constructor(object: BpfObject) {
    this.#object = object;
  }

  /** Null where the object has no such function, or one that is too large. */
  at(index: number): Program | null {
    const known = this.#made.get(index);
    if (known !== undefined) return known;
    const of = this.#object.functions[index];
    if (of === undefined) return null;
    const code = decode(of);
    if (code.filter(({ kind }) => kind === "branch" || kind === "may-goto").length > branchesMax)
      return null;
    const made = { index, of, code, flow: controlFlow(code) };
    this.#made.set(index, made);
    return made;
  }
}
