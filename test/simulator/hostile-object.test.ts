// Damaged objects never do worse than an ObjectError. A few hundred of them here; many in
// bench/simulator/object-fuzz.ts.

import { expect, test } from "vitest";
import { ObjectError } from "../../src/simulator/errors.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { emptyBtf, objectOf, type Word } from "./assemble.ts";
import { compileBpf, missing, withClang } from "./clang.ts";
import { tryObject } from "./hostile-object.ts";
import { mutate } from "./mutate.ts";
import { noCalls } from "./object-machine.ts";
import { Random } from "./random-program.ts";

const source = `
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
struct task { u64 a; u32 b : 5; u64 c[4]; } __attribute__((preserve_access_index));
struct ops { void (*go)(u64 *); u64 flags; char name[16]; };
struct { int (*type)[1]; int (*max_entries)[8]; u32 *key; u64 *value; } table SEC(".maps");
extern int kernel_call(int a) __attribute__((weak, section(".ksyms")));
const volatile u64 knob = 3;
u64 total = 1, zero[4];
static __attribute__((noinline)) u64 part(struct task *t, u64 i) { return t->c[i & 3] + t->b + knob; }
SEC("struct_ops/go") void go(u64 *c) {
  struct task *t = (struct task *)c[0];
  if (kernel_call) total += kernel_call(4);
  for (int i = 0; i < 10; i++) total += part(t, i) + zero[i & 3];
  ((void *(*)(void *, void *))1)(&table, &total);
}
SEC(".struct_ops.link") struct ops my_ops = { .go = go, .flags = 7, .name = "my" };
char _license[] SEC("license") = "GPL";
`;

test.skipIf(missing !== null)(withClang("400 damaged objects end in words or are valid"), () => {
  const bytes = compileBpf(source);
  const kernel = kernelBtf(bytes);
  expect(tryObject(bytes, kernel, noCalls).words).toBe("");
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`damaged objects: seed ${seed}`);
  let refused = 0;
  for (let at = 0; at < 400; at++) {
    const damaged = mutate(new Random((seed + at) >>> 0), bytes, [bytes]);
    try {
      if (tryObject(damaged, kernel, noCalls).ending === "refused") refused++;
    } catch (cause) {
      throw new Error(`object of seed ${seed + at}`, { cause });
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(refused).toBeLessThan(400);
});

test.skipIf(missing !== null)(withClang("every truncation is refused"), () => {
  const bytes = compileBpf(source);
  const kernel = kernelBtf(bytes);
  for (let length = 0; length < bytes.length; length += 97) {
    expect(() => readBpfObject(bytes.subarray(0, length), kernel), `${length} bytes`).toThrow(
      ObjectError,
    );
  }
});

const exit: Word = [0x95, 0, 0, 0, 0];
const refusedCode: Record<string, readonly Word[]> = {
  "no such register": [[0xb7, 11, 0, 0, 0], exit],
  "r10 is read-only": [[0xb7, 10, 0, 0, 0], exit],
  "a jump out of the function": [[0x05, 0, 0, 100, 0], exit],
  "a jump into a 64-bit constant": [[0x05, 0, 0, 1, 0], [0x18, 0, 0, 0, 0], [0, 0, 0, 0, 0], exit],
  "the code runs off its end": [[0xb7, 0, 0, 0, 0]],
  "a 64-bit constant is cut off": [[0x18, 0, 0, 0, 0]],
};

for (const [words, code] of Object.entries(refusedCode)) {
  test(`code is refused: ${words}`, () => {
    expect(() => translate(objectOf([{ words: code }]), noCalls)).toThrow(ObjectError);
    expect(() => translate(objectOf([{ words: code }]), noCalls)).toThrow(words);
  });
}

test("unknown instructions are told, and fault only where they are reached", () => {
  const { unsupported } = translate(objectOf([{ words: [[0x8d, 0, 1, 0, 0], exit] }]), noCalls);
  expect(unsupported).toEqual([
    { kind: "instruction", name: expect.stringContaining("opcode 0x8d"), program: "program" },
  ]);
});

test("something that is no object at all", () => {
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(64),
    new TextEncoder().encode("x".repeat(5000)),
  ]) {
    expect(() => readBpfObject(bytes, emptyBtf())).toThrow(/not an ELF file/);
  }
});
