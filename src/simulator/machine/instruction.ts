// Decodes BPF instructions (RFC 9669, and the kernel's Documentation/bpf/standardization) into typed
// form, for the translator and the interpreter. Rejects what is malformed; what is well-formed but not
// known comes out as `unknown` and only counts where it is reached.

import { ObjectError } from "../errors.ts";
import type { BpfFunction } from "../object/bpf-object.ts";

export type AluOperation =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "or"
  | "and"
  | "lsh"
  | "rsh"
  | "mod"
  | "xor"
  | "mov"
  | "arsh"
  | "sdiv"
  | "smod";
export type Condition =
  | "eq"
  | "gt"
  | "ge"
  | "set"
  | "ne"
  | "sgt"
  | "sge"
  | "lt"
  | "le"
  | "slt"
  | "sle";
export type AtomicOperation =
  | "add"
  | "or"
  | "and"
  | "xor"
  | "exchange"
  | "compare-exchange"
  | "load"
  | "store";
export type Bytes = 1 | 2 | 4 | 8;

export type Operand =
  | { readonly register: number }
  /** Sign-extended where the operation has 64 bits. */
  | { readonly constant: number };

export type Instruction =
  | {
      readonly kind: "alu";
      readonly operation: AluOperation;
      readonly wide: boolean;
      readonly dst: number;
      readonly operand: Operand;
    }
  | { readonly kind: "negate"; readonly wide: boolean; readonly dst: number }
  | {
      readonly kind: "sign-extend";
      readonly wide: boolean;
      readonly dst: number;
      readonly src: number;
      readonly bits: 8 | 16 | 32;
    }
  /** `swap` false: to_le, which only cuts off the upper bits. */
  | {
      readonly kind: "byte-order";
      readonly dst: number;
      readonly bits: 16 | 32 | 64;
      readonly swap: boolean;
    }
  /** Between an arena's pointers and the kernel's: here they are the same numbers. */
  | { readonly kind: "cast"; readonly dst: number; readonly src: number }
  | {
      readonly kind: "load";
      readonly dst: number;
      readonly base: number;
      readonly offset: number;
      readonly bytes: Bytes;
      readonly signed: boolean;
    }
  | {
      readonly kind: "store";
      readonly base: number;
      readonly offset: number;
      readonly bytes: Bytes;
      readonly operand: Operand;
    }
  | {
      readonly kind: "atomic";
      readonly operation: AtomicOperation;
      readonly fetch: boolean;
      readonly base: number;
      readonly offset: number;
      readonly bytes: Bytes;
      /** The value's register; of a load, where it goes. */
      readonly register: number;
    }
  /** A 64-bit immediate; its second half is the `skip` that follows. */
  | { readonly kind: "constant"; readonly dst: number; readonly low: number; readonly high: number }
  | { readonly kind: "skip" }
  | { readonly kind: "jump"; readonly target: number }
  | {
      readonly kind: "branch";
      readonly condition: Condition;
      readonly wide: boolean;
      readonly dst: number;
      readonly operand: Operand;
      readonly target: number;
    }
  | { readonly kind: "may-goto"; readonly target: number }
  | { readonly kind: "helper"; readonly id: number }
  /** A subprogram or kfunc: which one is in the function's references. */
  | { readonly kind: "call" }
  | { readonly kind: "exit" }
  | { readonly kind: "unknown"; readonly what: string };

const aluOperations: readonly (AluOperation | null)[] = [
  ...(["add", "sub", "mul", "div", "or", "and", "lsh", "rsh"] as const),
  ...([null, "mod", "xor", "mov", "arsh"] as const),
];
const conditions: readonly (Condition | null)[] = [
  ...([null, "eq", "gt", "ge", "set", "ne", "sgt", "sge"] as const),
  ...([null, null, "lt", "le", "slt", "sle"] as const),
];
const accessBytes: readonly Bytes[] = [4, 2, 1, 8];
const atomics = new Map<number, readonly [AtomicOperation, boolean]>([
  [0x00, ["add", false]],
  [0x40, ["or", false]],
  [0x50, ["and", false]],
  [0xa0, ["xor", false]],
  [0x01, ["add", true]],
  [0x41, ["or", true]],
  [0x51, ["and", true]],
  [0xa1, ["xor", true]],
  [0xe1, ["exchange", true]],
  [0xf1, ["compare-exchange", true]],
  [0x100, ["load", false]],
  [0x110, ["store", false]],
]);

interface Raw {
  at: number;
  opcode: number;
  dst: number;
  src: number;
  offset: number;
  immediate: number;
}

/** Throws ObjectError for registers and jumps that lead nowhere, and code that runs off its end. */
export function decode(of: BpfFunction): Instruction[] {
  const { code, name } = of;
  const count = code.length / 8;
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const found: Instruction[] = [];
  while (found.length < count) {
    const at = found.length;
    const registers = view.getUint8(at * 8 + 1);
    const raw: Raw = {
      at,
      opcode: view.getUint8(at * 8),
      dst: registers & 15,
      src: registers >> 4,
      offset: view.getInt16(at * 8 + 2, true),
      immediate: view.getInt32(at * 8 + 4, true),
    };
    if (raw.dst > 10 || raw.src > 10) throw malformed(name, at, "no such register");
    if (raw.opcode === 0x18) {
      if (at + 1 >= count) throw malformed(name, at, "a 64-bit constant is cut off");
      const high = view.getInt32(at * 8 + 12, true);
      found.push({ kind: "constant", dst: raw.dst, low: raw.immediate, high }, { kind: "skip" });
    } else {
      found.push(decodeOne(raw));
    }
  }
  check(found, name);
  return found;
}

function malformed(name: string, at: number, why: string): ObjectError {
  return new ObjectError(`instruction ${at} of ${name}: ${why}`);
}

function decodeOne(raw: Raw): Instruction {
  switch (raw.opcode & 7) {
    case 1:
      return decodeLoad(raw);
    case 2:
    case 3:
      return decodeStore(raw);
    case 4:
    case 7:
      return decodeAlu(raw);
    case 5:
    case 6:
      return decodeJump(raw);
    default:
      return unknown(raw);
  }
}

function unknown({ opcode, src, offset, immediate }: Raw): Instruction {
  return {
    kind: "unknown",
    what: `opcode 0x${opcode.toString(16)} (source ${src}, offset ${offset}, immediate ${immediate})`,
  };
}

function decodeLoad(raw: Raw): Instruction {
  const mode = raw.opcode & 0xe0;
  const bytes = accessBytes[(raw.opcode >> 3) & 3] ?? 4;
  const signed = mode === 0x80;
  if ((mode !== 0x60 && !signed) || (signed && bytes === 8)) return unknown(raw);
  const { dst, src, offset } = raw;
  return { kind: "load", dst, base: src, offset, bytes, signed };
}

function decodeStore(raw: Raw): Instruction {
  const mode = raw.opcode & 0xe0;
  const bytes = accessBytes[(raw.opcode >> 3) & 3] ?? 4;
  const { dst, src, offset, immediate } = raw;
  const fromRegister = (raw.opcode & 7) === 3;
  if (mode === 0x60) {
    const operand = fromRegister ? { register: src } : { constant: immediate };
    return { kind: "store", base: dst, offset, bytes, operand };
  }
  if (mode !== 0xc0 || !fromRegister) return unknown(raw);
  const atomic = atomics.get(immediate);
  if (atomic === undefined) return unknown(raw);
  const [operation, fetch] = atomic;
  // Narrow ones are only loads and stores.
  if (bytes < 4 && operation !== "load" && operation !== "store") return unknown(raw);
  const [base, register] = operation === "load" ? [src, dst] : [dst, src];
  return { kind: "atomic", operation, fetch, base, offset, bytes, register };
}

function decodeAlu(raw: Raw): Instruction {
  const { opcode, dst, src, offset, immediate } = raw;
  const wide = (opcode & 7) === 7;
  const fromRegister = (opcode & 8) !== 0;
  const code = opcode >> 4;
  if (code === 8) return fromRegister ? unknown(raw) : { kind: "negate", wide, dst };
  if (code === 13) {
    if (immediate !== 16 && immediate !== 32 && immediate !== 64) return unknown(raw);
    if (wide && fromRegister) return unknown(raw);
    return { kind: "byte-order", dst, bits: immediate, swap: wide || fromRegister };
  }
  const operation = aluOperations[code];
  if (operation === null || operation === undefined) return unknown(raw);
  const operand: Operand = fromRegister ? { register: src } : { constant: immediate };
  if (offset === 0) return { kind: "alu", operation, wide, dst, operand };
  if (offset === 1 && (operation === "div" || operation === "mod")) {
    return { kind: "alu", operation: operation === "div" ? "sdiv" : "smod", wide, dst, operand };
  }
  if (operation !== "mov" || !fromRegister) return unknown(raw);
  if (offset === 8 || offset === 16 || (offset === 32 && wide)) {
    return { kind: "sign-extend", wide, dst, src, bits: offset };
  }
  return offset === 1 && wide ? { kind: "cast", dst, src } : unknown(raw);
}

function decodeJump(raw: Raw): Instruction {
  const { at, opcode, dst, src, offset, immediate } = raw;
  const wide = (opcode & 7) === 5;
  const fromRegister = (opcode & 8) !== 0;
  const code = opcode >> 4;
  const target = at + 1 + offset;
  if (code === 0) {
    if (fromRegister) return unknown(raw);
    return { kind: "jump", target: wide ? target : at + 1 + immediate };
  }
  if (wide && code === 8 && !fromRegister) {
    return src === 0 ? { kind: "helper", id: immediate } : { kind: "call" };
  }
  if (wide && code === 9) return { kind: "exit" };
  if (wide && code === 14 && src === 0) return { kind: "may-goto", target };
  const condition = conditions[code];
  if (condition === null || condition === undefined) return unknown(raw);
  const operand: Operand = fromRegister ? { register: src } : { constant: immediate };
  return { kind: "branch", condition, wide, dst, operand, target };
}

/** Where an instruction may go besides the next one. */
export function targetOf(instruction: Instruction): number | null {
  const { kind } = instruction;
  return kind === "jump" || kind === "branch" || kind === "may-goto" ? instruction.target : null;
}

function check(code: readonly Instruction[], name: string): void {
  for (const [at, instruction] of code.entries()) {
    if (writtenRegister(instruction) === 10) throw malformed(name, at, "r10 is read-only");
    const target = targetOf(instruction);
    if (target === null) continue;
    const there = code[target];
    if (there === undefined) throw malformed(name, at, `a jump out of the function (to ${target})`);
    if (there.kind === "skip") throw malformed(name, at, "a jump into a 64-bit constant");
  }
  const last = code.at(-1);
  if (last === undefined) throw new ObjectError(`${name} has no instructions`);
  // A call may end it: bpf_throw does not come back.
  if (!["exit", "jump", "unknown", "call"].includes(last.kind)) {
    throw malformed(name, code.length - 1, "the code runs off its end");
  }
}

function writtenRegister(instruction: Instruction): number | null {
  switch (instruction.kind) {
    case "alu":
    case "negate":
    case "sign-extend":
    case "byte-order":
    case "cast":
    case "load":
    case "constant":
      return instruction.dst;
    case "atomic":
      if (instruction.operation === "load") return instruction.register;
      return instruction.fetch && instruction.operation !== "compare-exchange"
        ? instruction.register
        : null;
    default:
      return null;
  }
}

/** A function without such an instruction needs no frame: it neither touches its stack nor calls. */
export function usesFrame(instruction: Instruction): boolean {
  switch (instruction.kind) {
    case "helper":
    case "call":
      return true;
    case "alu":
    case "branch":
      return "register" in instruction.operand && instruction.operand.register === 10;
    case "store":
      return (
        instruction.base === 10 ||
        ("register" in instruction.operand && instruction.operand.register === 10)
      );
    case "load":
      return instruction.base === 10;
    case "atomic":
      return instruction.base === 10 || instruction.register === 10;
    case "sign-extend":
    case "cast":
      return instruction.src === 10;
    default:
      return false;
  }
}
