// Loads, stores and atomic operations in WebAssembly, each behind a test of the shadow bitmaps. Frame
// accesses at fixed offsets need none. Called by translate-function.ts.

import type { AtomicOperation, Bytes, Instruction } from "./instruction.ts";
import { addressLimit, frameBytes, readMap, writeMap } from "./layout.ts";
import { localOf, locals } from "./locals.ts";
import { pushOperand } from "./translate-alu.ts";
import { emptyBlock, op, valueTypes, type WasmWriter } from "./wasm-writer.ts";

/** What the imported `fault` is told; it throws, or answers an address to read zeros from (`load`) or 0. */
export const faultKinds = {
  load: 0,
  store: 1,
  fuel: 2,
  frames: 3,
  unsupported: 4,
  caller: 5,
} as const;

/** Where an instruction is, and how it reports. */
export interface Site {
  /** Number of the instruction in the whole object. */
  number: number;
  faultImport: number;
}

const framePointer = 10;
const loads: Record<Bytes, readonly [number, number]> = {
  1: [op.i64Load8U, op.i64Load8S],
  2: [op.i64Load16U, op.i64Load16S],
  4: [op.i64Load32U, op.i64Load32S],
  8: [op.i64Load, op.i64Load],
};
const stores: Record<Bytes, number> = {
  1: op.i64Store8,
  2: op.i64Store16,
  4: op.i64Store32,
  8: op.i64Store,
};
const modifications: Partial<Record<AtomicOperation, number>> = {
  add: op.i64Add,
  or: op.i64Or,
  and: op.i64And,
  xor: op.i64Xor,
};

/** Calls `fault` with the address in locals.wideAddress; leaves its i32 answer. */
export function callFault(out: WasmWriter, site: Site, kind: number, bytes: number): void {
  out.i32Const(kind).i32Const(site.number);
  out.get(locals.wideAddress).byte(op.i32WrapI64);
  out.get(locals.wideAddress).i64Const(32).byte(op.i64ShrU, op.i32WrapI64);
  out.i32Const(bytes).call(site.faultImport);
}

/** Leaves a checked address in locals.address. */
function checkedAddress(
  out: WasmWriter,
  site: Site,
  access: { base: number; offset: number; bytes: Bytes },
  writes: boolean,
): void {
  const { base, offset, bytes } = access;
  out.get(localOf(base));
  if (base === framePointer && offset >= -frameBytes && offset + bytes <= 0) {
    out.byte(op.i32WrapI64).i32Const(offset).byte(op.i32Add).set(locals.address);
    return;
  }
  if (offset !== 0) out.i64Const(offset).byte(op.i64Add);
  const mask = (1 << bytes) - 1;
  out.set(locals.wideAddress).byte(op.block, emptyBlock);
  out
    .get(locals.wideAddress)
    .byte(op.i64Const)
    .signedHalves(addressLimit | 0, 0);
  out.byte(op.i64LtU, op.if, emptyBlock);
  out.get(locals.wideAddress).byte(op.i32WrapI64).tee(locals.address);
  out
    .i32Const(3)
    .byte(op.i32ShrU)
    .memory(op.i32Load16U, writes ? writeMap : readMap);
  out.get(locals.address).i32Const(7).byte(op.i32And, op.i32ShrU);
  out.i32Const(mask).byte(op.i32And).i32Const(mask).byte(op.i32Eq, op.brIf).unsigned(1);
  out.byte(op.end);
  callFault(out, site, writes ? faultKinds.store : faultKinds.load, bytes);
  out.set(locals.address).byte(op.end);
}

export function load(
  out: WasmWriter,
  site: Site,
  instruction: Extract<Instruction, { kind: "load" }>,
): void {
  checkedAddress(out, site, instruction, false);
  const { bytes, signed, dst } = instruction;
  out
    .get(locals.address)
    .memory(loads[bytes][signed ? 1 : 0], 0)
    .set(localOf(dst));
}

export function store(
  out: WasmWriter,
  site: Site,
  instruction: Extract<Instruction, { kind: "store" }>,
): void {
  checkedAddress(out, site, instruction, true);
  out.get(locals.address);
  pushOperand(out, instruction.operand, true);
  out.memory(stores[instruction.bytes], 0);
}

/** One thread runs a policy, so plain loads and stores are atomic. */
export function atomic(
  out: WasmWriter,
  site: Site,
  instruction: Extract<Instruction, { kind: "atomic" }>,
): void {
  const { operation, bytes, register, fetch } = instruction;
  const value = localOf(register);
  checkedAddress(out, site, instruction, operation !== "load");
  if (operation === "store") {
    out.get(locals.address).get(value).memory(stores[bytes], 0);
    return;
  }
  out.get(locals.address).memory(loads[bytes][0], 0);
  if (operation === "load") {
    out.set(value);
    return;
  }
  out.set(locals.wide);
  if (operation === "compare-exchange") {
    compareExchange(out, value, bytes);
    return;
  }
  out.get(locals.address);
  const modification = modifications[operation];
  if (modification !== undefined) out.get(locals.wide);
  out.get(value);
  if (modification !== undefined) out.byte(modification);
  out.memory(stores[bytes], 0);
  if (fetch) out.get(locals.wide).set(value);
}

function compareExchange(out: WasmWriter, value: number, bytes: Bytes): void {
  const expected = localOf(0);
  out.get(locals.wide).get(expected);
  if (bytes === 4) out.byte(op.i32WrapI64, op.i64ExtendI32U);
  out.byte(op.i64Eq, op.if, emptyBlock);
  out.get(locals.address).get(value).memory(stores[bytes], 0).byte(op.end);
  out.get(locals.wide).set(expected);
}

/** r1–r5 as WebAssembly values of a BPF function's type. */
export const argumentTypes = Array.from({ length: 5 }, () => valueTypes.i64);
