// One BPF function → the body of one WebAssembly function. Forward jumps leave nested blocks; backward
// jumps go through one dispatch loop around them (`br_table`), which measured as fast as structured
// loops and takes any control flow. Called by translate.ts.

import type { BpfFunction, Reference } from "../object/bpf-object.ts";
import type { ArgumentType, Call } from "./calls.ts";
import type { Inlined } from "./inlined.ts";
import { type Instruction, targetOf, usesFrame } from "./instruction.ts";
import {
  control,
  entryFuel,
  frameStride,
  functionPointerBase,
  kernelFunctionBase,
  mayGotoRounds,
  wildPointer,
} from "./layout.ts";
import { localGroups, localOf, locals } from "./locals.ts";
import { opBits } from "./op-bits.ts";
import { alu, byteOrder, condition, negate, signExtend } from "./translate-alu.ts";
import { atomic, callFault, faultKinds, load, type Site, store } from "./translate-memory.ts";
import { emptyBlock, op, valueTypes, WasmWriter } from "./wasm-writer.ts";

/** Indices that the module gives to what functions use. */
export interface ModuleIndex {
  readonly faultImport: number;
  /** Of a function of the object. */
  function(index: number): number;
  /** The global that holds a map's handle, a value's address or a kernel variable's; null: absent, 0. */
  global(reference: Reference): number | null;
  /** The import of a helper or kfunc and its signature; null where it is not there. */
  helper(id: number): { call: Call; index: number } | null;
  kfunc(ksym: number): { call: Call; index: number } | null;
  /** What stands in place of a call of this kfunc; null: it is called. */
  inlined(ksym: number): Inlined | null;
  isPresent(ksym: number): boolean;
}

export interface FunctionRequest {
  readonly of: BpfFunction;
  readonly code: readonly Instruction[];
  /** Number of its first instruction in the whole object. */
  readonly firstSite: number;
  readonly index: ModuleIndex;
}

/** The body with its size, as it goes into the code section. */
export function translateFunction(request: FunctionRequest): Uint8Array {
  const body = new WasmWriter();
  body.unsigned(localGroups.length);
  for (const [count, type] of localGroups) body.unsigned(count).byte(type);
  new FunctionTranslator(request, body).write();
  return new WasmWriter().unsigned(body.length).append(body.finish()).finish();
}

class FunctionTranslator {
  readonly #request: FunctionRequest;
  readonly #out: WasmWriter;
  /** Instructions that jumps lead to, ascending; each has a block that ends before it. */
  readonly #targets: readonly number[];
  /** Target → its number in #targets. */
  readonly #number = new Map<number, number>();
  readonly #loops: boolean;
  readonly #hasFrame: boolean;
  /** Blocks of #targets that have ended. */
  #ended = 0;

  constructor(request: FunctionRequest, out: WasmWriter) {
    this.#request = request;
    this.#out = out;
    const targets = new Set<number>();
    let loops = false;
    for (const [at, instruction] of request.code.entries()) {
      const target = targetOf(instruction);
      if (target === null) continue;
      targets.add(target);
      loops ||= target <= at;
    }
    this.#targets = [...targets].sort((a, b) => a - b);
    for (const [number, target] of this.#targets.entries()) this.#number.set(target, number);
    this.#loops = loops;
    this.#hasFrame = request.code.some(usesFrame);
  }

  write(): void {
    const out = this.#out;
    this.#prologue();
    if (this.#loops) out.byte(op.loop, emptyBlock);
    for (const _ of this.#targets) out.byte(op.block, emptyBlock);
    if (this.#loops) this.#dispatch();
    for (const [at, instruction] of this.#request.code.entries()) {
      if (this.#number.has(at)) {
        out.byte(op.end);
        this.#ended++;
      }
      this.#instruction(at, instruction);
    }
    if (this.#loops) out.byte(op.end);
    out.byte(op.unreachable, op.end);
  }

  #site(at: number): Site {
    return { number: this.#request.firstSite + at, faultImport: this.#request.index.faultImport };
  }

  #prologue(): void {
    const out = this.#out;
    this.#burn(entryFuel, 0);
    if (this.#request.code.some((each) => each.kind === "may-goto")) {
      out.i32Const(mayGotoRounds).set(locals.rounds);
    }
    if (!this.#hasFrame) return;
    out.i32Const(0).memory(op.i32Load, control.stackTop).tee(locals.address);
    out.byte(op.i64ExtendI32U).set(localOf(10));
    out.i32Const(0).get(locals.address).i32Const(frameStride).byte(op.i32Sub).tee(locals.narrow);
    out.memory(op.i32Store, control.stackTop);
    out.get(locals.narrow).i32Const(0).memory(op.i32Load, control.stackLimit);
    out.byte(op.i32LtS, op.if, emptyBlock);
    this.#fault(faultKinds.frames, 0);
    out.byte(op.end);
  }

  #fault(kind: number, at: number): void {
    callFault(this.#out, this.#site(at), kind, 0);
    this.#out.byte(op.drop, op.unreachable);
  }

  #burn(units: number, at: number): void {
    const out = this.#out;
    out.i32Const(0).i32Const(0).memory(op.i32Load, control.fuel).i32Const(units).byte(op.i32Sub);
    out.tee(locals.narrow).memory(op.i32Store, control.fuel);
    out.get(locals.narrow).i32Const(0).byte(op.i32LtS, op.if, emptyBlock);
    this.#fault(faultKinds.fuel, at);
    out.byte(op.end);
  }

  /** At the head of the loop: on to the block that locals.next names; 0 is the function's start. */
  #dispatch(): void {
    const out = this.#out;
    // The start needs a block of its own where nothing jumps to it.
    out.byte(op.block, emptyBlock).get(locals.next).byte(op.brTable);
    out.unsigned(this.#targets.length);
    for (let number = 0; number <= this.#targets.length; number++) out.unsigned(number);
    out.byte(op.end);
  }

  /** A jump from `at`, from within `nesting` blocks of the caller's. */
  #jump(at: number, target: number, nesting: number): void {
    const out = this.#out;
    const number = this.#number.get(target) ?? 0;
    if (target > at) {
      out.byte(op.br).unsigned(number - this.#ended + nesting);
      return;
    }
    this.#burn(at - target + 1, at);
    out.i32Const(number + 1).set(locals.next);
    out.byte(op.br).unsigned(this.#targets.length - this.#ended + nesting);
  }

  #branch(at: number, target: number): void {
    const out = this.#out;
    if (target > at) {
      out.byte(op.brIf).unsigned((this.#number.get(target) ?? 0) - this.#ended);
      return;
    }
    out.byte(op.if, emptyBlock);
    this.#jump(at, target, 1);
    out.byte(op.end);
  }

  #instruction(at: number, instruction: Instruction): void {
    const out = this.#out;
    const reference = this.#request.of.references.get(at);
    if (reference?.kind === "poison") {
      this.#fault(faultKinds.unsupported, at);
      return;
    }
    switch (instruction.kind) {
      case "alu":
        alu(out, instruction);
        break;
      case "negate":
        negate(out, instruction.dst, instruction.wide);
        break;
      case "sign-extend":
        signExtend(out, instruction);
        break;
      case "byte-order":
        byteOrder(out, instruction);
        break;
      case "cast":
        out.get(localOf(instruction.src)).byte(op.i32WrapI64, op.i64ExtendI32U);
        out.set(localOf(instruction.dst));
        break;
      case "load":
        load(out, this.#site(at), instruction);
        break;
      case "store":
        store(out, this.#site(at), instruction);
        break;
      case "atomic":
        atomic(out, this.#site(at), instruction);
        break;
      case "constant":
        this.#constant(instruction, reference);
        break;
      case "skip":
        break;
      case "jump":
        this.#jump(at, instruction.target, 0);
        break;
      case "branch":
        condition(out, instruction);
        this.#branch(at, instruction.target);
        break;
      case "may-goto":
        out.get(locals.rounds).byte(op.i32Eqz);
        this.#branch(at, instruction.target);
        out.get(locals.rounds).i32Const(1).byte(op.i32Sub).set(locals.rounds);
        break;
      case "helper":
        this.#callOut(at, this.#request.index.helper(instruction.id));
        break;
      case "call":
        this.#call(at, reference);
        break;
      case "exit":
        this.#exit();
        break;
      case "unknown":
        this.#fault(faultKinds.unsupported, at);
        break;
    }
  }

  #constant(
    { dst, low, high }: Extract<Instruction, { kind: "constant" }>,
    reference: Reference | undefined,
  ): void {
    const out = this.#out;
    const { index } = this.#request;
    if (reference === undefined) {
      out.byte(op.i64Const).signedHalves(low, high);
    } else if (reference.kind === "function") {
      out.i64Const(functionPointerBase + reference.function);
    } else {
      const global = index.global(reference);
      if (global !== null) out.byte(op.globalGet).unsigned(global).byte(op.i64ExtendI32U);
      else {
        const present = reference.kind === "ksym" && index.isPresent(reference.ksym);
        out.i64Const(present ? kernelFunctionBase + reference.ksym : 0);
      }
      if (reference.kind === "map-value") out.i64Const(reference.offset).byte(op.i64Add);
    }
    out.set(localOf(dst));
  }

  #call(at: number, reference: Reference | undefined): void {
    const out = this.#out;
    const { index } = this.#request;
    if (reference?.kind === "function") {
      for (let register = 1; register <= 5; register++) out.get(localOf(register));
      out.call(index.function(reference.function)).set(localOf(0));
      return;
    }
    const ksym = reference?.kind === "ksym" ? reference.ksym : -1;
    const inline = index.inlined(ksym);
    if (inline !== null) inline(out, this.#site(at));
    else this.#callOut(at, index.kfunc(ksym));
  }

  #callOut(at: number, found: { call: Call; index: number } | null): void {
    const out = this.#out;
    if (found === null) {
      this.#fault(faultKinds.unsupported, at);
      return;
    }
    out.i32Const(0).i32Const(this.#site(at).number).memory(op.i32Store, control.site);
    const { ops } = found.call;
    if (ops !== null) {
      out
        .i32Const(0)
        .memory(op.i32Load, control.op)
        .i32Const(opBits(ops))
        .byte(op.i32And, op.i32Eqz);
      out.byte(op.if, valueTypes.i64).i32Const(faultKinds.caller).i32Const(this.#site(at).number);
      out.i32Const(found.index).i32Const(0).i32Const(0).call(this.#site(at).faultImport);
      out.byte(op.i64ExtendI32U, op.else);
    }
    this.#callTo(found);
    if (ops !== null) out.byte(op.end);
    out.set(localOf(0));
  }

  /** Leaves the 64 bits of its result. */
  #callTo({ call, index }: { call: Call; index: number }): void {
    const out = this.#out;
    for (const [at, type] of call.arguments.entries()) this.#argument(at + 1, type);
    out.call(index);
    switch (call.result) {
      case "void":
        out.i64Const(0);
        break;
      case "s32":
        out.byte(op.i64ExtendI32S);
        break;
      case "ns":
        // i64.trunc_sat_f64_s
        out.byte(0xfc).unsigned(6);
        break;
      case "u64":
        out.byte(op.i64ExtendI32U);
        out.i32Const(0).memory(op.i64Load32U, control.callHigh).i64Const(32);
        out.byte(op.i64Shl, op.i64Or);
        break;
      default:
        out.byte(op.i64ExtendI32U);
    }
  }

  #argument(register: number, type: ArgumentType): void {
    const out = this.#out;
    const local = localOf(register);
    out.get(local).byte(op.i32WrapI64);
    if (type === "bool") out.i32Const(0xff).byte(op.i32And);
    if (type === "ptr") {
      // What is no address must not become one by losing its upper half.
      out.i32Const(wildPointer).get(local).byte(op.i64Const).signedHalves(wildPointer, 0);
      out.byte(op.i64LtU, op.select);
    }
    if (type === "u32" || type === "u64") out.byte(op.f64ConvertI32U);
    if (type === "u64") {
      out.get(local).i64Const(32).byte(op.i64ShrU, op.i32WrapI64, op.f64ConvertI32U);
    }
  }

  #exit(): void {
    const out = this.#out;
    if (this.#hasFrame) {
      out.i32Const(0).get(localOf(10)).byte(op.i32WrapI64).memory(op.i32Store, control.stackTop);
    }
    out.get(localOf(0)).byte(op.return);
  }
}
