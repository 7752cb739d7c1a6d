// C compiled by clang for every BPF CPU version and run by the translated machine and the reference
// interpreter, against the same C compiled for this machine.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { instantiate } from "../../src/simulator/machine/instantiate.ts";
import { Interpreter } from "../../src/simulator/machine/interpreter.ts";
import type { Machine, MachineRequest } from "../../src/simulator/machine/machine.ts";
import { createSandboxMemory } from "../../src/simulator/machine/sandbox-memory.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { emptyBtf } from "./assemble.ts";
import { compileBpf, missing, runNatively, withClang } from "./clang.ts";

const source = readFileSync(new URL("real-c.c", import.meta.url), "utf8");
const calls = { helpers: new Map(), kfuncs: new Map() };

interface Round {
  inputs: bigint[];
  /** Function → what it answered natively. */
  answers: Map<string, bigint>;
}

let known: Round[] | null = null;

function nativeRounds(): Round[] {
  if (known !== null) return known;
  const rounds: Round[] = [];
  for (const line of runNatively(source).trim().split("\n")) {
    const [name = "", ...values] = line.split(" ");
    const numbers = values.map((value) => BigInt(`0x${value}`));
    if (name === "in") rounds.push({ inputs: numbers, answers: new Map() });
    else rounds.at(-1)?.answers.set(name, numbers[0] ?? 0n);
  }
  known = rounds;
  return rounds;
}

function machineOf(
  make: (request: MachineRequest) => Machine,
  cpu: string,
): { answer(name: string, inputs: readonly bigint[]): bigint | null } {
  const object = readBpfObject(compileBpf(source, cpu), emptyBtf());
  const translation = translate(object, calls);
  const memory = createSandboxMemory(1 << 20);
  const values = object.maps.map((map) => {
    const access = (map.flags & 0x80) !== 0 ? "read" : "read-write";
    const address = memory.allocate(map.valueSize, access, map.name);
    if (map.initial !== null) memory.bytes.set(map.initial, address);
    return address;
  });
  const context = memory.allocate(64, "read", "context");
  const addresses = { map: () => 8, mapValue: (map: number) => values[map] ?? 0, ksym: () => 0 };
  const machine = make({ translation, memory, calls, addresses });
  return {
    answer(name, inputs) {
      const program = object.functions.findIndex((each) => each.name === name);
      if (program < 0) return null;
      for (const [at, input] of inputs.entries()) {
        memory.view.setBigUint64(context + at * 8, input, true);
      }
      machine.refuel(100_000);
      const low = machine.run(program, context);
      return (BigInt(machine.resultHigh() >>> 0) << 32n) | BigInt(low >>> 0);
    },
  };
}

const machines = {
  translated: instantiate,
  interpreted: (request: MachineRequest) => new Interpreter(request),
};

for (const cpu of ["v1", "v2", "v3", "v4"]) {
  test.skipIf(missing !== null)(withClang(`-mcpu=${cpu} answers as native code does`), () => {
    const rounds = nativeRounds();
    expect(rounds).toHaveLength(200);
    for (const [kind, make] of Object.entries(machines)) {
      const machine = machineOf(make, cpu);
      const ran = new Set<string>();
      // The interpreter takes milliseconds a round.
      for (const { inputs, answers } of kind === "translated" ? rounds : rounds.slice(0, 10)) {
        for (const [name, expected] of answers) {
          const answer = machine.answer(name, inputs);
          if (answer === null) continue;
          ran.add(name);
          expect(`${name} ${answer}`, kind).toBe(`${name} ${expected}`);
        }
      }
      expect(ran.size, "functions that this version has").toBe(
        { v1: 13, v2: 13, v3: 14 }[cpu] ?? 16,
      );
    }
  });
}
