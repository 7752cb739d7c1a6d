// The reference: the same machine as instantiate.ts gives, written from BPF's rules with BigInt
// registers and no cleverness, to hold the translator against. Slow; for tests and benches alone.

import { type ProgramFault, SimulatorLimit } from "../errors.ts";
import type { Reference } from "../object/bpf-object.ts";
import type { Call } from "./calls.ts";
import {
  accessFault,
  fault,
  framesFault,
  fuelFault,
  type Place,
  readsZero,
  unsupportedFault,
} from "./faults.ts";
import { findKfunc } from "./find-kfunc.ts";
import { makeStacks } from "./instantiate.ts";
import { type Bytes, decode, type Instruction, type Operand, usesFrame } from "./instruction.ts";
import { arithmetic, holds, modified, reorder } from "./interpreted-arithmetic.ts";
import {
  entryFuel,
  frameStride,
  functionPointerBase,
  kernelFunctionBase,
  mayGotoRounds,
  readMap,
  wildPointer,
  writeMap,
} from "./layout.ts";
import type { Machine, MachineRequest } from "./machine.ts";

const mask64 = (1n << 64n) - 1n;
const mask32 = (1n << 32n) - 1n;
const signed32 = (value: bigint) => BigInt.asIntN(32, value);

export class Interpreter implements Machine {
  readonly #request: MachineRequest;
  readonly #code: Instruction[][];
  readonly #stacks: readonly { top: number; limit: number }[];
  readonly #view: DataView;
  #fuel = 0;
  #high = 0;
  #resultHigh = 0;
  #stackTop = 0;
  #stackLimit = 0;
  #level = 0;
  #program = -1;
  #place: Place;

  constructor(request: MachineRequest) {
    this.#request = request;
    const { object } = request.translation;
    this.#code = object.functions.map(decode);
    this.#stacks = makeStacks(request.memory);
    this.#view = request.memory.view;
    this.#place = { object, function: 0, instruction: 0 };
  }

  get running(): string | null {
    return this.#request.translation.object.functions[this.#program]?.name ?? null;
  }

  run(program: number, contextAddress: number): number {
    const stack = this.#stacks[this.#level];
    if (stack === undefined) throw new SimulatorLimit("ops that call ops nest too deep");
    const saved = [this.#stackTop, this.#stackLimit, this.#program] as const;
    [this.#stackTop, this.#stackLimit, this.#program] = [stack.top, stack.limit, program];
    this.#level++;
    try {
      return this.#enter(program, [contextAddress, 0, 0, 0, 0]);
    } finally {
      this.#level--;
      [this.#stackTop, this.#stackLimit, this.#program] = saved;
    }
  }

  callback(pointer: number, ...values: number[]): number {
    const index = pointer - functionPointerBase;
    if (this.#code[index] === undefined) {
      throw this.fault("out-of-bounds", "calls back through a pointer to no function");
    }
    if (this.#level > 0) {
      const place = this.#place;
      const result = this.#enter(index, values);
      this.#place = place;
      return result;
    }
    const [stack] = this.#stacks;
    [this.#stackTop, this.#stackLimit] = [stack?.top ?? 0, stack?.limit ?? 0];
    this.#level = 1;
    this.#program = index;
    try {
      return this.#enter(index, values);
    } finally {
      this.#level = 0;
      this.#program = -1;
    }
  }

  #enter(index: number, values: readonly number[]): number {
    const result = this.#call(
      index,
      values.map((value) => BigInt(value >>> 0)),
    );
    this.#resultHigh = Number(signed32(result >> 32n));
    return Number(signed32(result));
  }

  setHigh(high: number): void {
    this.#high = high;
  }

  resultHigh(): number {
    return this.#resultHigh;
  }

  refuel(units: number): void {
    this.#fuel = units;
  }

  fuelLeft(): number {
    return this.#fuel;
  }

  burn(units: number): void {
    this.#fuel = Math.max(this.#fuel - units, -1);
    if (this.#fuel < 0) throw fuelFault(this.#place);
  }

  fault(kind: ProgramFault["kind"], message: string): ProgramFault {
    return fault(this.#place, kind, message);
  }

  #spend(units: number): void {
    this.#fuel -= units;
    if (this.#fuel < 0) throw fuelFault(this.#place);
  }

  #call(index: number, values: readonly bigint[]): bigint {
    const { object } = this.#request.translation;
    const code = this.#code[index] ?? [];
    const references = object.functions[index]?.references ?? new Map<number, Reference>();
    const r = Array.from({ length: 11 }, () => 0n);
    for (const [at, value] of values.entries()) r[at + 1] = value;
    let rounds = mayGotoRounds;
    this.#place = { object, function: index, instruction: 0 };
    this.#spend(entryFuel);
    const top = this.#stackTop;
    // The translator gives frames only to functions that need one; whoever calls does.
    const needsFrame = code.some((each) => usesFrame(each));
    if (needsFrame) {
      if (top - frameStride < this.#stackLimit) throw framesFault(this.#place);
      r[10] = BigInt(top);
      this.#stackTop = top - frameStride;
    }
    const register = (number: number): bigint => r[number] ?? 0n;
    const value = (operand: Operand): bigint =>
      "register" in operand
        ? register(operand.register)
        : BigInt.asUintN(64, BigInt(operand.constant));
    for (let at = 0; ; ) {
      const instruction = code[at];
      this.#place = { object, function: index, instruction: at };
      const reference = references.get(at);
      if (instruction === undefined || reference?.kind === "poison") {
        throw unsupportedFault(this.#place);
      }
      let next = at + 1;
      const jump = (target: number) => {
        if (target <= at) this.#spend(at - target + 1);
        next = target;
      };
      switch (instruction.kind) {
        case "alu": {
          const { operation, wide, dst, operand } = instruction;
          r[dst] = arithmetic(operation, wide, register(dst), value(operand));
          break;
        }
        case "negate": {
          const { wide, dst } = instruction;
          r[dst] = -register(dst) & (wide ? mask64 : mask32);
          break;
        }
        case "sign-extend": {
          const { wide, dst, src, bits } = instruction;
          r[dst] = BigInt.asIntN(bits, register(src)) & (wide ? mask64 : mask32);
          break;
        }
        case "byte-order":
          r[instruction.dst] = reorder(
            register(instruction.dst),
            instruction.bits,
            instruction.swap,
          );
          break;
        case "cast":
          r[instruction.dst] = register(instruction.src) & mask32;
          break;
        case "load": {
          const { dst, base, offset, bytes, signed } = instruction;
          const address = this.#check(register(base), offset, bytes, false);
          const raw = this.#load(address, bytes);
          r[dst] = signed ? BigInt.asIntN(bytes * 8, raw) & mask64 : raw;
          break;
        }
        case "store": {
          const { base, offset, bytes, operand } = instruction;
          this.#store(this.#check(register(base), offset, bytes, true), bytes, value(operand));
          break;
        }
        case "atomic":
          this.#atomic(r, instruction);
          break;
        case "constant":
          r[instruction.dst] = this.#constant(instruction, reference);
          break;
        case "skip":
          break;
        case "jump":
          jump(instruction.target);
          break;
        case "branch": {
          const { condition, wide, dst, operand, target } = instruction;
          if (holds(condition, wide, register(dst), value(operand))) jump(target);
          break;
        }
        case "may-goto":
          if (rounds === 0) jump(instruction.target);
          else rounds--;
          break;
        case "helper":
          r[0] = this.#callOut(this.#request.calls.helpers.get(instruction.id), r);
          break;
        case "call":
          if (reference?.kind === "function") {
            r[0] = this.#call(reference.function, r.slice(1, 6));
          } else {
            const ksym = reference?.kind === "ksym" ? object.ksyms[reference.ksym] : undefined;
            const found = ksym?.present ? findKfunc(this.#request.calls, ksym.name) : null;
            r[0] = this.#callOut(found ?? undefined, r);
          }
          break;
        case "exit":
          this.#stackTop = top;
          return register(0);
        case "unknown":
          throw unsupportedFault(this.#place);
      }
      at = next;
    }
  }

  #constant(
    { low, high }: Extract<Instruction, { kind: "constant" }>,
    reference: Reference | undefined,
  ): bigint {
    const { addresses, translation } = this.#request;
    switch (reference?.kind) {
      case undefined:
        return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
      case "map":
        return BigInt(addresses.map(reference.map));
      case "map-value":
        return BigInt(addresses.mapValue(reference.map)) + BigInt(reference.offset);
      case "function":
        return BigInt(functionPointerBase + reference.function);
      case "ksym": {
        const ksym = translation.object.ksyms[reference.ksym];
        if (!ksym?.present) return 0n;
        const isFunction = ksym.kind === "function";
        return BigInt(
          isFunction ? kernelFunctionBase + reference.ksym : addresses.ksym(reference.ksym),
        );
      }
      default:
        return 0n;
    }
  }

  /** Checked byte by byte against the shadow. */
  #check(base: bigint, offset: number, bytes: Bytes, writes: boolean): number {
    const address = (base + BigInt(offset)) & mask64;
    if (address < 2n ** 31n) {
      const start = Number(address);
      const map = writes ? writeMap : readMap;
      let allowed = true;
      for (let at = start; at < start + bytes; at++) {
        allowed &&= ((this.#view.getUint8(map + (at >>> 3)) >> (at & 7)) & 1) === 1;
      }
      if (allowed) return start;
    } else if (!writes && readsZero(address)) {
      return 0;
    }
    throw accessFault(this.#place, this.#request.memory, { address, bytes, writes });
  }

  #load(address: number, bytes: Bytes): bigint {
    let value = 0n;
    for (let at = 0; at < bytes; at++) {
      value |= BigInt(this.#view.getUint8(address + at)) << BigInt(8 * at);
    }
    return value;
  }

  #store(address: number, bytes: Bytes, value: bigint): void {
    for (let at = 0; at < bytes; at++) {
      this.#view.setUint8(address + at, Number((value >> BigInt(8 * at)) & 0xffn));
    }
  }

  #atomic(r: bigint[], instruction: Extract<Instruction, { kind: "atomic" }>): void {
    const { operation, base, offset, bytes, register, fetch } = instruction;
    const address = this.#check(r[base] ?? 0n, offset, bytes, operation !== "load");
    const operand = r[register] ?? 0n;
    if (operation === "store") {
      this.#store(address, bytes, operand);
      return;
    }
    const old = this.#load(address, bytes);
    if (operation === "load") {
      r[register] = old;
    } else if (operation === "compare-exchange") {
      const expected = (r[0] ?? 0n) & (bytes === 4 ? mask32 : mask64);
      if (old === expected) this.#store(address, bytes, operand);
      r[0] = old;
    } else {
      this.#store(address, bytes, modified(operation, old, operand));
      if (fetch) r[register] = old;
    }
  }

  #callOut(call: Call | undefined, r: readonly bigint[]): bigint {
    if (call === undefined) throw unsupportedFault(this.#place);
    const values: number[] = [];
    for (const [at, type] of call.arguments.entries()) {
      const value = r[at + 1] ?? 0n;
      const low = Number(value & mask32);
      if (type === "s32") values.push(low | 0);
      else if (type === "bool") values.push(low & 0xff);
      else if (type === "ptr") values.push(value < BigInt(wildPointer) ? low : wildPointer);
      else values.push(low);
      if (type === "u64") values.push(Number(value >> 32n));
    }
    const result = call.run(...values) ?? 0;
    switch (call.result) {
      case "void":
        return 0n;
      case "s32":
        return BigInt(result | 0) & mask64;
      case "ns":
        return BigInt(Math.trunc(result)) & mask64;
      case "u64":
        return (BigInt(this.#high >>> 0) << 32n) | BigInt(result >>> 0);
      default:
        return BigInt(result >>> 0);
    }
  }
}
