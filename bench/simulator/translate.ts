// Time to read, translate and compile each seed policy's object, and to index the kernel's BTF: first in
// a fresh process (its code still cold), then the median of many. `sh bin/node bench/simulator/translate.ts`

import type { Call, CallTable } from "../../src/simulator/machine/calls.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import type { BpfObject } from "../../src/simulator/object/bpf-object.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { seedObjects } from "./seed-objects.ts";

const rounds = 30;

/** Every call that the object makes exists, with five arguments and a number as the answer. */
function anyCalls(object: BpfObject): CallTable {
  const call = (name: string): Call => ({
    name,
    arguments: ["u64", "u64", "u64", "u64", "u64"],
    result: "u64",
    ops: null,
    run: () => 0,
  });
  return {
    helpers: new Map(Array.from({ length: 256 }, (_, id) => [id, call(`helper ${id}`)])),
    kfuncs: new Map(object.ksyms.map(({ name }) => [name, call(name)])),
  };
}

let seen = 0;

/** V8 keeps what it compiled and knows it by its bytes: a custom section makes them others. */
function unseen(bytes: Uint8Array): Uint8Array {
  const section = [0, 6, 1, 0x78, 0, 0, 0, 0];
  for (let at = 4; at < 8; at++) section[at] = (seen >> ((at - 4) * 7)) & 0x7f;
  seen++;
  return Uint8Array.from([...bytes, ...section]);
}

function timed<T>(work: () => T): { value: T; ms: number } {
  const started = performance.now();
  const value = work();
  return { value, ms: performance.now() - started };
}

const { objects, kernelTypes } = await seedObjects();
const kernel = timed(() => {
  const btf = kernelBtf(kernelTypes);
  btf.candidates("task_struct");
  return btf;
});
console.log(
  `kernel BTF, ${kernelTypes.length} bytes, read and indexed: ${kernel.ms.toFixed(1)} ms`,
);
console.log("policy             instructions   wasm bytes   read ms   translate ms   compile ms");
for (const [name, bytes] of objects) {
  const reads: number[] = [];
  const translations: number[] = [];
  const compilations: number[] = [];
  let size = 0;
  let instructions = 0;
  for (let round = 0; round <= rounds; round++) {
    const read = timed(() => readBpfObject(bytes, kernel.value));
    const calls = anyCalls(read.value);
    const both = timed(() => translate(read.value, calls));
    const fresh = unseen(both.value.bytes);
    const compiled = timed(() => new WebAssembly.Module(fresh));
    reads.push(read.ms);
    translations.push(both.ms);
    compilations.push(compiled.ms);
    size = both.value.bytes.length;
    instructions = both.value.sites.at(-1) ?? 0;
  }
  const cell = (times: number[]) => {
    const first = times.shift() ?? 0;
    times.sort((a, b) => a - b);
    return `${first.toFixed(1)} / ${(times[times.length >> 1] ?? 0).toFixed(1)}`.padStart(12);
  };
  console.log(
    `${name.padEnd(20)} ${String(instructions).padStart(8)} ${String(size).padStart(10)} ${cell(reads)} ${cell(translations)} ${cell(compilations)}`,
  );
}
console.log(
  "Each: first / median. Translating includes V8's compiling, from its cache after the first time; " +
    "V8 only validates then, compiles functions when they are first called, and optimises hot ones later.",
);
