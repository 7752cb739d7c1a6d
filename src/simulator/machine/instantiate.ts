// A translated object in one memory with one set of calls: the machine that runtime/ runs ops and
// callbacks on. Keeps the stack and the fuel; turns the translated code's faults into ProgramFault.

import { type ProgramFault, SimulatorLimit } from "../errors.ts";
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
import {
  control,
  frameBytes,
  frameStride,
  framesMax,
  functionPointerBase,
  nestedRunsMax,
} from "./layout.ts";
import type { Machine, MachineRequest, Translation } from "./machine.ts";
import type { SandboxMemory } from "./memory.ts";
import { everyOp } from "./op-bits.ts";
import { callOf } from "./translate.ts";
import { faultKinds } from "./translate-memory.ts";

/** Throws SimulatorLimit where the memory is too small for the stack. */
export function instantiate(request: MachineRequest): Machine {
  return new TranslatedMachine(request);
}

interface Stack {
  top: number;
  limit: number;
}

/** What a nested run leaves as it was. */
const savedWords = [
  control.stackTop >> 2,
  control.stackLimit >> 2,
  control.site >> 2,
  control.op >> 2,
] as const;

type Entry = (a1: number, a2: number, a3: number, a4: number, a5: number) => number;

class TranslatedMachine implements Machine {
  readonly #translation: Translation;
  readonly #memory: SandboxMemory;
  readonly #words: Int32Array;
  readonly #refuse: (call: Call) => void;
  readonly #calls: readonly Call[];
  readonly #entries: Entry[];
  /** Per level of nested runs: the first stack top, and the lowest that a call may have. */
  readonly #stacks: readonly Stack[];
  readonly #first: Stack;
  #level = 0;
  #program = -1;

  constructor(request: MachineRequest) {
    const { translation, memory } = request;
    this.#translation = translation;
    this.#memory = memory;
    this.#words = new Int32Array(memory.wasm.buffer);
    this.#stacks = makeStacks(memory);
    this.#first = this.#stacks[0] ?? { top: 0, limit: 0 };
    this.#refuse = request.refuse?.bind(request) ?? (() => undefined);
    this.#calls = translation.plan.calls.map((entry) =>
      callOf(entry, translation.object, request.calls),
    );
    const instance = new WebAssembly.Instance(translation.module, this.#imports(request));
    this.#entries = translation.object.functions.map((_, at) => {
      const entry = instance.exports[`f${at}`];
      if (typeof entry !== "function") throw new Error(`function ${at} is not exported`);
      return entry as Entry;
    });
  }

  #imports({ translation, memory, addresses }: MachineRequest) {
    const callImports = this.#calls.map(({ run }) => run);
    const addressImports = translation.plan.addresses.map((reference) => {
      if (reference.kind === "map") return addresses.map(reference.map);
      if (reference.kind === "map-value") return addresses.mapValue(reference.map);
      if (reference.kind === "ksym") return addresses.ksym(reference.ksym);
      throw new Error(`no address of a ${reference.kind}`);
    });
    return {
      m: { memory: memory.wasm, fault: this.#fault.bind(this) },
      c: Object.fromEntries(callImports.entries()),
      a: Object.fromEntries(addressImports.entries()),
    };
  }

  get running(): string | null {
    return this.#translation.object.functions[this.#program]?.name ?? null;
  }

  run(program: number, contextAddress: number, op = everyOp): number {
    const entry = this.#entries[program];
    if (entry === undefined) throw new Error(`no function ${program}`);
    if (this.#level > 0) return this.#runNested(program, entry, contextAddress, op);
    this.#begin(program, op);
    try {
      return entry(contextAddress, 0, 0, 0, 0);
    } finally {
      this.#level = 0;
      this.#program = -1;
    }
  }

  /** Nothing runs: on to a fresh stack. */
  #begin(program: number, op: number): void {
    const words = this.#words;
    words[control.stackTop >> 2] = this.#first.top;
    words[control.stackLimit >> 2] = this.#first.limit;
    words[control.op >> 2] = op;
    this.#level = 1;
    this.#program = program;
  }

  /** A call of one program runs another, on a stack of its own. */
  #runNested(program: number, entry: Entry, contextAddress: number, op: number): number {
    const level = this.#level;
    const stack = this.#stacks[level];
    if (stack === undefined) throw new SimulatorLimit("ops that call ops nest too deep");
    const words = this.#words;
    const saved = savedWords.map((at) => words[at] ?? 0);
    const before = this.#program;
    words[control.stackTop >> 2] = stack.top;
    words[control.stackLimit >> 2] = stack.limit;
    words[control.op >> 2] = op;
    this.#level = level + 1;
    this.#program = program;
    try {
      return entry(contextAddress, 0, 0, 0, 0);
    } finally {
      this.#level = level;
      this.#program = before;
      for (const [index, at] of savedWords.entries()) words[at] = saved[index] ?? 0;
    }
  }

  callback(pointer: number, a1: number, a2: number, a3: number, a4: number, a5: number): number {
    const index = pointer - functionPointerBase;
    const entry = this.#entries[index];
    if (entry === undefined)
      throw this.fault("out-of-bounds", "calls back through a pointer to no function");
    if (this.#level > 0) {
      // Back in the call, messages are about the call again.
      const site = this.#words[control.site >> 2] ?? 0;
      const result = entry(a1, a2, a3, a4, a5);
      this.#words[control.site >> 2] = site;
      return result;
    }
    // A timer's.
    this.#begin(index, everyOp);
    try {
      return entry(a1, a2, a3, a4, a5);
    } finally {
      this.#level = 0;
      this.#program = -1;
    }
  }

  setHigh(high: number): void {
    this.#words[control.callHigh >> 2] = high;
  }

  resultHigh(): number {
    return this.#words[control.resultHigh >> 2] ?? 0;
  }

  refuel(units: number): void {
    this.#words[control.fuel >> 2] = units;
  }

  fuelLeft(): number {
    return this.#words[control.fuel >> 2] ?? 0;
  }

  burn(units: number): void {
    const left = this.fuelLeft() - units;
    this.#words[control.fuel >> 2] = Math.max(left, -1);
    if (left < 0) throw fuelFault(this.#place(this.#words[control.site >> 2] ?? 0));
  }

  fault(kind: ProgramFault["kind"], message: string): ProgramFault {
    return fault(this.#place(this.#words[control.site >> 2] ?? 0), kind, message);
  }

  #place(site: number): Place {
    const { sites, object } = this.#translation;
    let index = 0;
    while ((sites[index + 1] ?? Number.POSITIVE_INFINITY) <= site) index++;
    return { object, function: index, instruction: site - (sites[index] ?? 0) };
  }

  /** The translated code's import: throws, or answers where to read zeros from. */
  #fault(kind: number, site: number, low: number, high: number, bytes: number): number {
    const place = this.#place(site);
    switch (kind) {
      case faultKinds.fuel:
        throw fuelFault(place);
      case faultKinds.frames:
        throw framesFault(place);
      case faultKinds.unsupported:
        throw unsupportedFault(place);
      case faultKinds.caller: {
        const call = this.#calls[low - 1];
        if (call !== undefined) this.#refuse(call);
        return 0;
      }
      default: {
        const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
        const writes = kind === faultKinds.store;
        if (!writes && readsZero(address)) return 0;
        throw accessFault(place, this.#memory, { address, bytes, writes });
      }
    }
  }
}

export function makeStacks(memory: SandboxMemory): Stack[] {
  return Array.from({ length: nestedRunsMax }, (_, level) => {
    const bytes = framesMax * frameStride;
    const start = memory.allocate(bytes, "none", level === 0 ? "the stack" : `stack ${level}`);
    const top = start + bytes;
    for (let frame = 0; frame < framesMax; frame++) {
      memory.protect(top - frame * frameStride - frameBytes, frameBytes, "read-write");
    }
    return { top, limit: start };
  });
}
