// Writes BPF instructions and objects by hand, for tests and benches of the simulator's machine.

import type {
  BpfFunction,
  BpfObject,
  Ksym,
  MapDefinition,
  Reference,
} from "../../src/simulator/object/bpf-object.ts";
import { Btf } from "../../src/simulator/object/btf.ts";

export type Word = readonly [
  opcode: number,
  dst: number,
  src: number,
  offset: number,
  immediate: number,
];

export function encode(words: readonly Word[]): Uint8Array {
  const code = new Uint8Array(words.length * 8);
  const view = new DataView(code.buffer);
  for (const [at, [opcode, dst, src, offset, immediate]] of words.entries()) {
    view.setUint8(at * 8, opcode);
    view.setUint8(at * 8 + 1, dst | (src << 4));
    view.setInt16(at * 8 + 2, offset, true);
    view.setInt32(at * 8 + 4, immediate | 0, true);
  }
  return code;
}

export interface HandMade {
  name?: string;
  words: readonly Word[];
  references?: ReadonlyMap<number, Reference>;
}

export function functionOf({ name = "program", words, references }: HandMade): BpfFunction {
  return {
    name,
    section: "struct_ops/test",
    code: encode(words),
    references: references ?? new Map(),
    lineAt: (instruction) => ({ file: "test.bpf.c", line: instruction + 1, text: "" }),
    fieldAt: () => null,
    lacksAt: () => null,
  };
}

/** BTF without types. */
export function emptyBtf(): Btf {
  const bytes = new Uint8Array(25);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  view.setUint8(2, 1);
  view.setUint32(4, 24, true);
  view.setUint32(20, 1, true);
  return new Btf(bytes);
}

export function objectOf(
  functions: readonly HandMade[],
  more: { maps?: readonly MapDefinition[]; ksyms?: readonly Ksym[] } = {},
): BpfObject {
  const btf = emptyBtf();
  return {
    license: "GPL",
    functions: functions.map(functionOf),
    maps: more.maps ?? [],
    globals: new Map(),
    ksyms: more.ksyms ?? [],
    structOps: [],
    unknownKconfig: [],
    btf,
    kernelBtf: btf,
  };
}

export function ksymOf(name: string, over: Partial<Ksym> = {}): Ksym {
  return {
    name,
    symbol: name,
    kind: "function",
    weak: true,
    present: true,
    kernelType: 1,
    perCpu: false,
    size: 0,
    ...over,
  };
}
