// Which instructions can run at all: branches whose outcome the loader decides (a kernel symbol's
// presence, a CO-RE question) have one way only, as for the kernel's verifier. Cautious: values are
// followed within a basic block alone. Called by unsupported.ts.

import type { BpfObject, Reference } from "../object/bpf-object.ts";
import { type Instruction, targetOf } from "./instruction.ts";
import { arithmetic, holds } from "./interpreted-arithmetic.ts";
import { functionPointerBase, kernelFunctionBase } from "./layout.ts";

type References = ReadonlyMap<number, Reference>;

/** By index of the instruction. */
export function reachable(
  code: readonly Instruction[],
  references: References,
  object: BpfObject,
): Uint8Array {
  const decided = decideBranches(code, references, object);
  const found = new Uint8Array(code.length);
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const instruction = code[at];
    if (instruction === undefined || found[at] === 1) continue;
    found[at] = 1;
    const target = targetOf(instruction);
    const taken = decided.get(at);
    if (target !== null && taken !== false) waiting.push(target);
    if (instruction.kind !== "exit" && instruction.kind !== "jump" && taken !== true) {
      waiting.push(at + 1);
    }
  }
  return found;
}

/** Branch → whether it is taken, where that is known. */
function decideBranches(
  code: readonly Instruction[],
  references: References,
  object: BpfObject,
): Map<number, boolean> {
  const starts = new Set<number>();
  for (const instruction of code) starts.add(targetOf(instruction) ?? -1);
  const decided = new Map<number, boolean>();
  let known = new Map<number, bigint>();
  for (const [at, instruction] of code.entries()) {
    if (starts.has(at)) known = new Map();
    switch (instruction.kind) {
      case "constant":
        set(known, instruction.dst, constantOf(instruction, references.get(at), object));
        break;
      case "alu": {
        const { operation, wide, dst, operand } = instruction;
        const right = operandValue(known, operand);
        const left = operation === "mov" ? 0n : known.get(dst);
        const both = left !== undefined && right !== undefined;
        set(known, dst, both ? arithmetic(operation, wide, left, right) : undefined);
        break;
      }
      case "branch": {
        const left = known.get(instruction.dst);
        const right = operandValue(known, instruction.operand);
        if (left !== undefined && right !== undefined) {
          decided.set(at, holds(instruction.condition, instruction.wide, left, right));
        }
        break;
      }
      case "skip":
      case "store":
      case "jump":
      case "may-goto":
      case "exit":
        break;
      default:
        // Whatever else writes a register, or several.
        known = new Map();
    }
  }
  return decided;
}

function set(known: Map<number, bigint>, register: number, value: bigint | undefined): void {
  if (value === undefined) known.delete(register);
  else known.set(register, value);
}

function operandValue(
  known: ReadonlyMap<number, bigint>,
  operand: { register: number } | { constant: number },
): bigint | undefined {
  if ("register" in operand) return known.get(operand.register);
  return BigInt.asUintN(64, BigInt(operand.constant));
}

/** Addresses stand for "not 0", which is all that code asks of them. */
function constantOf(
  { low, high }: Extract<Instruction, { kind: "constant" }>,
  reference: Reference | undefined,
  object: BpfObject,
): bigint | undefined {
  if (reference === undefined) return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
  if (reference.kind === "function") return BigInt(functionPointerBase + reference.function);
  if (reference.kind !== "ksym") return undefined;
  return object.ksyms[reference.ksym]?.present ? BigInt(kernelFunctionBase + reference.ksym) : 0n;
}
