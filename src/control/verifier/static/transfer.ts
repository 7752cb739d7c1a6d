// What one instruction does to a state, calls and jumps aside. Called by data-flow.ts.

import type { Instruction, Operand } from "../../../simulator/machine/instruction.ts";
import { compute, negated } from "./arithmetic.ts";
import { isRepeated, type Site } from "./facts.ts";
import { ofBytes } from "./interval.ts";
import { type Machine, valueId } from "./machine.ts";
import { load, store } from "./memory.ts";
import { direction, noOrigins, through } from "./origins.ts";
import { regionOf } from "./region.ts";
import type { State } from "./state.ts";
import { anything, constant, number, pointer, unknownOf, type Value } from "./value.ts";

export function operandValue(state: State, operand: Operand, wide: boolean): Value {
  if ("register" in operand) return state.register(operand.register);
  return constant(BigInt.asUintN(wide ? 64 : 32, BigInt(operand.constant)));
}

export function transfer(
  machine: Machine,
  state: State,
  site: Site,
  instruction: Instruction,
): void {
  const id = valueId(site.activation, site.instruction);
  switch (instruction.kind) {
    case "alu": {
      const { operation, wide, dst, operand } = instruction;
      const right = operandValue(state, operand, wide);
      set(state, dst, compute(operation, wide, state.register(dst), right, id), id, site);
      return;
    }
    case "negate": {
      const { dst, wide } = instruction;
      set(state, dst, negated(state.register(dst), wide, id), id, site);
      return;
    }
    case "sign-extend": {
      const value = state.register(instruction.src);
      const kept = value.region === null && value.hi < 1n << BigInt(instruction.bits - 1);
      set(
        state,
        instruction.dst,
        kept ? value : { ...anything, origins: value.origins, id },
        id,
        site,
      );
      return;
    }
    case "byte-order": {
      const { origins } = state.register(instruction.dst);
      const value = number(ofBytes(instruction.bits / 8), through(origins, direction.unknown), id);
      set(state, instruction.dst, value, id, site);
      return;
    }
    case "cast":
      state.registers[instruction.dst] = state.register(instruction.src);
      return;
    case "constant":
      state.registers[instruction.dst] = immediate(machine, site, instruction);
      return;
    case "load": {
      const { base, offset, bytes, signed, dst } = instruction;
      const value = load(machine, state, site, { base: state.register(base), offset, bytes }, id);
      const wrong = signed && value.region === null && value.hi >= 1n << BigInt(8 * bytes - 1);
      set(state, dst, wrong ? { ...anything, origins: value.origins, id } : value, id, site);
      return;
    }
    case "store": {
      const { base, offset, bytes, operand } = instruction;
      const access = { base: state.register(base), offset, bytes };
      store(machine, state, site, access, cut(operandValue(state, operand, true), bytes));
      return;
    }
    case "atomic":
      atomic(machine, state, site, instruction, id);
      return;
    default:
  }
}

/** A new value takes the id from whatever had it in an earlier round of a loop. */
function set(state: State, register: number, value: Value, id: number, site: Site): void {
  if (value.id === id && isRepeated(site)) {
    state.registers[register] = anything;
    state.release(id);
  }
  state.registers[register] = value;
}

function cut(value: Value, bytes: number): Value {
  if (value.region !== null || bytes === 8 || value.hi <= ofBytes(bytes).hi) return value;
  if (value.set?.length === 1) return constant(BigInt.asUintN(8 * bytes, value.lo), value.origins);
  return unknownOf(bytes, value.origins);
}

function immediate(
  machine: Machine,
  site: Site,
  { low, high }: Extract<Instruction, { kind: "constant" }>,
): Value {
  const reference = site.activation.program.of.references.get(site.instruction);
  switch (reference?.kind) {
    case undefined:
      return constant(BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0)));
    case "map":
      return pointer(regionOf({ kind: "map", map: reference.map }));
    case "map-value":
      return pointer(regionOf({ kind: "map-value", map: reference.map }), {
        lo: BigInt(reference.offset),
      });
    case "function":
      return pointer(regionOf({ kind: "function", function: reference.function }));
    case "ksym": {
      const ksym = machine.object.ksyms[reference.ksym];
      if (ksym === undefined || !ksym.present) return constant(0n);
      return pointer(regionOf({ kind: "ksym", name: ksym.name }));
    }
    default:
      return anything;
  }
}

function atomic(
  machine: Machine,
  state: State,
  site: Site,
  instruction: Extract<Instruction, { kind: "atomic" }>,
  id: number,
): void {
  const { operation, fetch, base, offset, bytes, register } = instruction;
  const access = { base: state.register(base), offset, bytes };
  const old = load(machine, state, site, access, id);
  if (operation !== "load") {
    const operand = state.register(register);
    const isPlain =
      operation === "exchange" || operation === "compare-exchange" || operation === "store";
    const made = isPlain ? operand : compute(operation, bytes === 8, old, operand, 0);
    store(machine, state, site, access, { ...made, id: 0 });
  }
  if (operation === "load" || (fetch && operation !== "compare-exchange")) {
    set(state, register, old, id, site);
  } else if (operation === "compare-exchange") {
    set(state, 0, old.region === null ? old : { ...anything, origins: noOrigins, id }, id, site);
  }
}
