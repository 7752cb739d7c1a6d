// A BpfObject → one WebAssembly module: imports for the memory, the addresses and the calls that it
// uses, a function per BPF function, and an export per function that JavaScript may enter. Called by
// runtime/; the module runs through instantiate().

import { ObjectError } from "../errors.ts";
import type { BpfObject, Reference } from "../object/bpf-object.ts";
import type { ArgumentType, Call, CallTable, ResultType } from "./calls.ts";
import { findKfunc } from "./find-kfunc.ts";
import { inlined } from "./inlined.ts";
import { decode, type Instruction } from "./instruction.ts";
import { control } from "./layout.ts";
import type { ImportPlan, Translation } from "./machine.ts";
import { type ModuleIndex, translateFunction } from "./translate-function.ts";
import { argumentTypes } from "./translate-memory.ts";
import { unsupportedOf } from "./unsupported.ts";
import {
  type FunctionType,
  op,
  TypeTable,
  type ValueType,
  valueTypes,
  WasmWriter,
} from "./wasm-writer.ts";

const { i32, i64, f64 } = valueTypes;
const functionType: FunctionType = { parameters: argumentTypes, results: [i64] };
const entryType: FunctionType = { parameters: [i32, i32, i32, i32, i32], results: [i32] };
const faultType: FunctionType = { parameters: [i32, i32, i32, i32, i32], results: [i32] };
/** V8 takes 7.6 MB a function and 1 GB a module; this is far above any scheduler. */
const moduleBytesMax = 64 << 20;
const argumentsMax = 5;

/** Throws ObjectError for malformed code. */
export function translate(object: BpfObject, calls: CallTable): Translation {
  const code = object.functions.map(decode);
  const plan = planImports(object, code, calls);
  const bytes = write(object, code, calls, plan);
  return {
    object,
    bytes,
    module: compile(bytes),
    unsupported: unsupportedOf(object, code, calls),
    plan,
    sites: sitesOf(code),
  };
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    // Functions beyond V8's limits; a well-formed one that V8 refuses is a defect of ours.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ObjectError(`the policy's code can't be compiled: ${why}`, { cause });
  }
}

/** Number of the first instruction of each function, and of all. */
function sitesOf(code: readonly (readonly Instruction[])[]): number[] {
  const sites = [0];
  for (const each of code) sites.push((sites.at(-1) ?? 0) + each.length);
  return sites;
}

/** Same map value or variable, same global. */
function addressKey(reference: Reference): string | null {
  if (reference.kind === "map") return `map ${reference.map}`;
  if (reference.kind === "map-value") return `value ${reference.map}`;
  return reference.kind === "ksym" ? `ksym ${reference.ksym}` : null;
}

function planImports(
  object: BpfObject,
  code: readonly (readonly Instruction[])[],
  calls: CallTable,
): ImportPlan {
  const found = new Map<string, ImportPlan["calls"][number]>();
  const addresses = new Map<string, Reference>();
  for (const [index, of] of object.functions.entries()) {
    for (const [at, instruction] of (code[index] ?? []).entries()) {
      const reference = of.references.get(at);
      if (instruction.kind === "helper" && calls.helpers.has(instruction.id)) {
        found.set(`helper ${instruction.id}`, { helper: instruction.id });
      }
      if (reference === undefined) continue;
      const key = addressKey(reference);
      if (instruction.kind === "call" && reference.kind === "ksym") {
        const ksym = object.ksyms[reference.ksym];
        if (ksym?.present && findKfunc(calls, ksym.name) !== null) {
          found.set(`kfunc ${reference.ksym}`, { ksym: reference.ksym });
        }
      } else if (instruction.kind === "constant" && key !== null) {
        const isFunction =
          reference.kind === "ksym" && object.ksyms[reference.ksym]?.kind === "function";
        const isAbsent = reference.kind === "ksym" && !object.ksyms[reference.ksym]?.present;
        if (!isFunction && !isAbsent) addresses.set(key, reference);
      }
    }
  }
  return { calls: [...found.values()], addresses: [...addresses.values()] };
}

/** The call behind an entry of the plan. Throws ObjectError where its signature is impossible. */
export function callOf(
  entry: ImportPlan["calls"][number],
  object: BpfObject,
  calls: CallTable,
): Call {
  const call =
    "helper" in entry
      ? calls.helpers.get(entry.helper)
      : findKfunc(calls, object.ksyms[entry.ksym]?.name ?? "");
  if (call === undefined || call === null) throw new Error("a call of the plan is missing");
  if (call.arguments.length > argumentsMax) throw new Error(`${call.name}: too many arguments`);
  return call;
}

const argumentValues: Record<ArgumentType, readonly ValueType[]> = {
  ptr: [i32],
  u32: [f64],
  s32: [i32],
  bool: [i32],
  u64: [f64, f64],
};
const resultValues: Record<ResultType, readonly ValueType[]> = {
  ptr: [i32],
  u32: [i32],
  s32: [i32],
  bool: [i32],
  u64: [i32],
  ns: [f64],
  void: [],
};

function callType(call: Call): FunctionType {
  return {
    parameters: call.arguments.flatMap((type) => argumentValues[type]),
    results: resultValues[call.result],
  };
}

function write(
  object: BpfObject,
  code: readonly (readonly Instruction[])[],
  calls: CallTable,
  plan: ImportPlan,
): Uint8Array {
  const types = new TypeTable();
  const imports = writeImports(object, calls, plan, types);
  // Imported functions come first: fault, then the calls; then ours; then the entries.
  const firstFunction = 1 + plan.calls.length;
  const count = object.functions.length;
  const index = moduleIndex(object, calls, plan, firstFunction);
  const declarations = new WasmWriter().unsigned(count * 2);
  for (let each = 0; each < count; each++) declarations.unsigned(types.of(functionType));
  for (let each = 0; each < count; each++) declarations.unsigned(types.of(entryType));
  const exports = new WasmWriter().unsigned(count);
  for (let each = 0; each < count; each++) {
    exports
      .text(`f${each}`)
      .byte(0)
      .unsigned(firstFunction + count + each);
  }
  const bodies = new WasmWriter().unsigned(count * 2);
  const sites = sitesOf(code);
  for (const [each, of] of object.functions.entries()) {
    const firstSite = sites[each] ?? 0;
    bodies.append(translateFunction({ of, code: code[each] ?? [], firstSite, index }));
    if (bodies.length > moduleBytesMax) {
      throw new ObjectError(
        `the policy's code is larger than ${moduleBytesMax} bytes of WebAssembly`,
      );
    }
  }
  for (let each = 0; each < count; each++) bodies.append(entryBody(firstFunction + each));
  const out = new WasmWriter().byte(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  out.section(1, types.write()).section(2, imports).section(3, declarations);
  return out.section(7, exports).section(10, bodies).finish();
}

function writeImports(
  object: BpfObject,
  calls: CallTable,
  plan: ImportPlan,
  types: TypeTable,
): WasmWriter {
  const out = new WasmWriter().unsigned(2 + plan.calls.length + plan.addresses.length);
  out.text("m").text("memory").byte(2, 0).unsigned(1);
  out.text("m").text("fault").byte(0).unsigned(types.of(faultType));
  for (const [at, entry] of plan.calls.entries()) {
    out
      .text("c")
      .text(String(at))
      .byte(0)
      .unsigned(types.of(callType(callOf(entry, object, calls))));
  }
  for (const at of plan.addresses.keys()) out.text("a").text(String(at)).byte(3, i32, 0);
  return out;
}

function moduleIndex(
  object: BpfObject,
  calls: CallTable,
  plan: ImportPlan,
  firstFunction: number,
): ModuleIndex {
  const globals = new Map<string, number>();
  for (const [at, reference] of plan.addresses.entries()) {
    globals.set(addressKey(reference) ?? "", at);
  }
  const helpers = new Map<number, { call: Call; index: number }>();
  const kfuncs = new Map<number, { call: Call; index: number }>();
  for (const [at, entry] of plan.calls.entries()) {
    const found = { call: callOf(entry, object, calls), index: 1 + at };
    if ("helper" in entry) helpers.set(entry.helper, found);
    else kfuncs.set(entry.ksym, found);
  }
  return {
    faultImport: 0,
    function: (each) => firstFunction + each,
    global: (reference) => globals.get(addressKey(reference) ?? "") ?? null,
    helper: (id) => helpers.get(id) ?? null,
    kfunc: (ksym) => kfuncs.get(ksym) ?? null,
    inlined: (ksym) => {
      const found = object.ksyms[ksym];
      return found?.present === true ? (inlined.get(found.name) ?? null) : null;
    },
    isPresent: (ksym) => object.ksyms[ksym]?.present ?? false,
  };
}

/** Five numbers in, zero-extended; r0's lower half out, its upper half in memory. */
function entryBody(target: number): Uint8Array {
  const body = new WasmWriter().unsigned(1).unsigned(1).byte(i64);
  const result = 5;
  for (let at = 0; at < 5; at++) body.get(at).byte(op.i64ExtendI32U);
  body.call(target).set(result);
  body.i32Const(0).get(result).i64Const(32).byte(op.i64ShrU, op.i32WrapI64);
  body.memory(op.i32Store, control.resultHigh);
  body.get(result).byte(op.i32WrapI64, op.end);
  return new WasmWriter().unsigned(body.length).append(body.finish()).finish();
}
