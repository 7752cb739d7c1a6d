// Arithmetic in WebAssembly, by the rules of BPF: division by zero gives 0, modulo zero the dividend,
// shifts count modulo the width, and 32-bit results clear the upper half. Called by translate-function.ts.

import type { AluOperation, Condition, Instruction, Operand } from "./instruction.ts";
import { localOf, locals } from "./locals.ts";
import { op, valueTypes, type WasmWriter } from "./wasm-writer.ts";

type Alu = Extract<Instruction, { kind: "alu" }>;

/** 64 bits, 32 bits. */
const simple: Partial<Record<AluOperation, readonly [number, number]>> = {
  add: [op.i64Add, op.i32Add],
  sub: [op.i64Sub, op.i32Sub],
  mul: [op.i64Mul, op.i32Mul],
  or: [op.i64Or, op.i32Or],
  and: [op.i64And, op.i32And],
  xor: [op.i64Xor, op.i32Xor],
  // WebAssembly masks the count as BPF does.
  lsh: [op.i64Shl, op.i32Shl],
  rsh: [op.i64ShrU, op.i32ShrU],
  arsh: [op.i64ShrS, op.i32ShrS],
};

const comparisons: Record<Exclude<Condition, "set">, readonly [number, number]> = {
  eq: [op.i64Eq, op.i32Eq],
  ne: [op.i64Ne, op.i32Ne],
  gt: [op.i64GtU, op.i32GtU],
  ge: [op.i64GeU, op.i32GeU],
  lt: [op.i64LtU, op.i32LtU],
  le: [op.i64LeU, op.i32LeU],
  sgt: [op.i64GtS, op.i32GtS],
  sge: [op.i64GeS, op.i32GeS],
  slt: [op.i64LtS, op.i32LtS],
  sle: [op.i64LeS, op.i32LeS],
};

/** The register's value: as i64, or its lower half as i32. */
export function pushRegister(out: WasmWriter, register: number, wide: boolean): void {
  out.get(localOf(register));
  if (!wide) out.byte(op.i32WrapI64);
}

export function pushOperand(out: WasmWriter, operand: Operand, wide: boolean): void {
  if ("register" in operand) pushRegister(out, operand.register, wide);
  else if (wide) out.i64Const(operand.constant);
  else out.i32Const(operand.constant);
}

/** Into the register what is on the stack: i64, or i32 that clears the upper half. */
function store(out: WasmWriter, register: number, wide: boolean): void {
  if (!wide) out.byte(op.i64ExtendI32U);
  out.set(localOf(register));
}

export function alu(out: WasmWriter, { operation, wide, dst, operand }: Alu): void {
  if (operation === "mov") {
    pushOperand(out, operand, wide);
    store(out, dst, wide);
    return;
  }
  const opcodes = simple[operation];
  if (opcodes !== undefined) {
    pushRegister(out, dst, wide);
    pushOperand(out, operand, wide);
    out.byte(opcodes[wide ? 0 : 1]);
    store(out, dst, wide);
    return;
  }
  divide(out, operation, wide, dst, operand);
}

function divide(
  out: WasmWriter,
  operation: AluOperation,
  wide: boolean,
  dst: number,
  operand: Operand,
): void {
  const divisor = wide ? locals.wide : locals.narrow;
  const type = wide ? valueTypes.i64 : valueTypes.i32;
  const isModulo = operation === "mod" || operation === "smod";
  const isSigned = operation === "sdiv" || operation === "smod";
  pushOperand(out, operand, wide);
  out
    .tee(divisor)
    .byte(wide ? op.i64Eqz : op.i32Eqz)
    .byte(op.if, type);
  zero(out, dst, wide, isModulo);
  out.byte(op.else);
  if (isSigned) {
    // Minus one: the smallest number over it overflows, which traps in WebAssembly and wraps in BPF.
    out.get(divisor);
    if (wide) out.i64Const(-1).byte(op.i64Eq);
    else out.i32Const(-1).byte(op.i32Eq);
    out.byte(op.if, type);
    constant(out, 0, wide);
    if (!isModulo) {
      pushRegister(out, dst, wide);
      out.byte(wide ? op.i64Sub : op.i32Sub);
    }
    out.byte(op.else);
  }
  pushRegister(out, dst, wide);
  out.get(divisor).byte(divisionOpcode(isSigned, isModulo, wide));
  if (isSigned) out.byte(op.end);
  out.byte(op.end);
  store(out, dst, wide);
}

function constant(out: WasmWriter, value: number, wide: boolean): void {
  if (wide) out.i64Const(value);
  else out.i32Const(value);
}

function zero(out: WasmWriter, dst: number, wide: boolean, isModulo: boolean): void {
  if (isModulo) pushRegister(out, dst, wide);
  else constant(out, 0, wide);
}

function divisionOpcode(isSigned: boolean, isModulo: boolean, wide: boolean): number {
  if (isModulo) {
    if (isSigned) return wide ? op.i64RemS : op.i32RemS;
    return wide ? op.i64RemU : op.i32RemU;
  }
  if (isSigned) return wide ? op.i64DivS : op.i32DivS;
  return wide ? op.i64DivU : op.i32DivU;
}

export function negate(out: WasmWriter, dst: number, wide: boolean): void {
  constant(out, 0, wide);
  pushRegister(out, dst, wide);
  out.byte(wide ? op.i64Sub : op.i32Sub);
  store(out, dst, wide);
}

export function signExtend(
  out: WasmWriter,
  { wide, dst, src, bits }: Extract<Instruction, { kind: "sign-extend" }>,
): void {
  pushRegister(out, src, wide);
  if (wide) {
    out.byte(bits === 8 ? op.i64Extend8S : bits === 16 ? op.i64Extend16S : op.i64Extend32S);
  } else {
    out.byte(bits === 8 ? op.i32Extend8S : op.i32Extend16S);
  }
  store(out, dst, wide);
}

export function byteOrder(
  out: WasmWriter,
  { dst, bits, swap }: Extract<Instruction, { kind: "byte-order" }>,
): void {
  const local = localOf(dst);
  if (!swap) {
    if (bits === 64) return;
    out
      .get(local)
      .byte(op.i64Const)
      .signedHalves(bits === 16 ? 0xffff : -1, 0);
    out.byte(op.i64And).set(local);
    return;
  }
  // Byte by byte; swaps are rare in schedulers.
  const bytes = bits / 8;
  for (let at = 0; at < bytes; at++) {
    out
      .get(local)
      .i64Const(at * 8)
      .byte(op.i64ShrU)
      .i64Const(0xff)
      .byte(op.i64And);
    out.i64Const((bytes - 1 - at) * 8).byte(op.i64Shl);
    if (at > 0) out.byte(op.i64Or);
  }
  out.set(local);
}

/** Leaves an i32 that is not 0 where the condition holds. */
export function condition(
  out: WasmWriter,
  { condition: which, wide, dst, operand }: Extract<Instruction, { kind: "branch" }>,
): void {
  pushRegister(out, dst, wide);
  pushOperand(out, operand, wide);
  if (which !== "set") {
    out.byte(comparisons[which][wide ? 0 : 1]);
    return;
  }
  out.byte(wide ? op.i64And : op.i32And);
  if (wide) out.byte(op.i64Eqz, op.i32Eqz);
}
