// Runs a program on the translated machine and on the reference interpreter, each in a memory of its
// own, and tells where they differ: result, fault, memory, fuel left, calls made.

import { ProgramFault } from "../../src/simulator/errors.ts";
import type { Call, CallTable } from "../../src/simulator/machine/calls.ts";
import { instantiate } from "../../src/simulator/machine/instantiate.ts";
import { Interpreter } from "../../src/simulator/machine/interpreter.ts";
import type { Machine, Translation } from "../../src/simulator/machine/machine.ts";
import type { SandboxMemory } from "../../src/simulator/machine/memory.ts";
import { createSandboxMemory } from "../../src/simulator/machine/sandbox-memory.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import { ksymOf, objectOf } from "./assemble.ts";
import { bufferBytes, helpers, maps, type Random, randomProgram } from "./random-program.ts";

const fuel = 3000;

interface Side {
  memory: SandboxMemory;
  writable: number;
  readOnly: number;
  context: number;
}

function makeSide(): Side {
  const memory = createSandboxMemory(400 << 20);
  return {
    memory,
    writable: memory.allocate(bufferBytes, "read-write", "writable"),
    readOnly: memory.allocate(bufferBytes, "read", "constants"),
    context: memory.allocate(64, "read", "context"),
  };
}

interface Outcome {
  result: string;
  buffer: string;
  fuelLeft: number;
  calls: string;
}

/** Two memories that are used again and again. */
export class Comparison {
  readonly #sides = [makeSide(), makeSide()] as const;

  /** Random program, `inputs` random inputs; null where both sides agree, else how they differ. */
  check(random: Random, inputs: number): { difference: string | null; faults: number } {
    const functions = randomProgram(random);
    const object = objectOf(functions, { ksyms: [ksymOf("mixer___v2"), ksymOf("unknown_kfunc")] });
    const log: string[] = [];
    let machine: Machine | null = null;
    const calls = callTable(log, () => machine);
    const translation = translate(object, calls);
    const machines = this.#sides.map((side, index) => makeMachine(side, index, translation, calls));
    let faults = 0;
    for (let input = 0; input < inputs; input++) {
      const values = Array.from({ length: 16 }, () => random.edge());
      const bytes = Array.from({ length: bufferBytes * 2 }, () => random.word() & 0xff);
      const outcomes = this.#sides.map((side, index) => {
        machine = machines[index] ?? null;
        log.length = 0;
        return machine === null ? null : observe(machine, side, values, bytes, log);
      });
      const difference = compare(outcomes[0] ?? null, outcomes[1] ?? null);
      if (difference !== null) return { difference, faults };
      if (outcomes[0]?.result.startsWith("fault")) faults++;
    }
    return { difference: null, faults };
  }
}

function compare(translated: Outcome | null, interpreted: Outcome | null): string | null {
  if (translated === null || interpreted === null) return "a machine is missing";
  for (const key of ["result", "buffer", "fuelLeft", "calls"] as const) {
    if (translated[key] === interpreted[key]) continue;
    const end = (text: string | number) => String(text).slice(-400);
    return `${key}:\n translated ${end(translated[key])}\n interpreted ${end(interpreted[key])}`;
  }
  return null;
}

function makeMachine(
  side: Side,
  index: number,
  translation: Translation,
  calls: CallTable,
): Machine {
  const request = {
    translation,
    memory: side.memory,
    calls,
    addresses: {
      map: (map: number) => 64 + map,
      mapValue: (map: number) => (map === maps.writable ? side.writable : side.readOnly),
      ksym: (ksym: number) => 128 + ksym,
    },
  };
  return index === 0 ? instantiate(request) : new Interpreter(request);
}

function observe(
  machine: Machine,
  { memory, writable, readOnly, context }: Side,
  values: readonly number[],
  bytes: readonly number[],
  log: string[],
): Outcome {
  memory.bytes.set(bytes.slice(0, bufferBytes), writable);
  memory.bytes.set(bytes.slice(bufferBytes), readOnly);
  for (const [at, value] of values.entries()) memory.view.setInt32(context + at * 4, value, true);
  machine.refuel(fuel);
  let result: string;
  try {
    const low = machine.run(0, context);
    result = `${low} ${machine.resultHigh()}`;
  } catch (error) {
    if (!(error instanceof ProgramFault)) throw error;
    result = `fault ${error.kind} ${error.program} ${error.instruction}: ${error.message}`;
  }
  return {
    result,
    buffer: Buffer.from(memory.bytes.slice(writable, writable + bufferBytes)).toString("hex"),
    fuelLeft: Math.max(machine.fuelLeft(), -1),
    calls: log.join("\n"),
  };
}

function callTable(log: string[], machine: () => Machine | null): CallTable {
  const call = (
    name: string,
    types: Call["arguments"],
    result: Call["result"],
    run: (...values: number[]) => number | undefined,
  ): Call => ({
    name,
    arguments: types,
    result,
    ops: null,
    run: (...values) => {
      log.push(`${name}(${values.join(", ")})`);
      return run(...values);
    },
  });
  const mixed = (...values: number[]) =>
    values.reduce((sum, value) => Math.imul(sum ^ value, 0x9e3779b1), 7);
  const wide = (...values: number[]) => {
    machine()?.setHigh(mixed(...values, 1));
    return mixed(...values);
  };
  return {
    helpers: new Map([
      [helpers.mix, call("mix", ["u64", "u32", "s32"], "u64", wide)],
      [helpers.signed, call("signed", ["s32", "u64"], "s32", mixed)],
      [helpers.flag, call("flag", ["bool", "ptr", "ptr"], "bool", (a) => a & 1)],
      [helpers.time, call("time", ["u64"], "ns", (low, high) => (low % 1000) * 1e9 + (high % 99))],
      [helpers.nothing, call("nothing", [], "void", () => undefined)],
      [
        helpers.loop,
        call("loop", ["u32", "ptr", "ptr", "u64"], "s32", (rounds, pointer, context) => {
          for (let round = 0; round < Math.min(rounds, 5); round++) {
            machine()?.burn(2);
            if (machine()?.callback(pointer, round, context, 0, 0, 0) === 1) return round + 1;
          }
          return rounds | 0;
        }),
      ],
    ]),
    kfuncs: new Map([["mixer", call("mixer", ["u64", "ptr", "bool"], "u64", wide)]]),
  };
}
