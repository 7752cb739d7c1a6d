// Objects that clang makes, against a "kernel" whose types a second object holds: CO-RE, externs, maps,
// globals, callbacks, struct_ops.

import { expect, test } from "vitest";
import { ObjectError, ProgramFault } from "../../src/simulator/errors.ts";
import type { Call } from "../../src/simulator/machine/calls.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import type { BpfObject } from "../../src/simulator/object/bpf-object.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { withKnobs } from "../../src/simulator/runtime/knobs.ts";
import { compileBpf, missing, withClang } from "./clang.ts";
import { noCalls, start } from "./object-machine.ts";

const clangTest = (name: string, work: () => void) =>
  test.skipIf(missing !== null)(withClang(name), work);

const common = `
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;
typedef unsigned long long u64; typedef int s32; typedef long long s64;
#define SEC(name) __attribute__((section(name), used))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define core __attribute__((preserve_access_index))
`;

const kernelSource = `${common}
enum flags { FLAG_A = 1, FLAG_NEW = 1 << 20 };
enum big { BIG_ONE = 1ULL << 40 };
struct inner { u32 before; u16 value; };
struct task {
  u64 padding[5];
  union { struct { u64 hidden; struct inner in[4]; }; u64 other; };
  u32 narrow;
  u32 bit_a : 3, bit_b : 7;
  s32 bit_c : 5;
  void (*run)(struct task *);
};
struct ops { s32 (*first)(struct task *); void (*second)(u64); u64 flags; u32 timeout_ms; char name[16]; };
int kernel_number;
int kfunc_add(int a, int b) { return a + b + kernel_number; }
u64 kfunc_new___v2(struct task *task) { return task->narrow; }
struct task task_root; enum flags flag_root; enum big big_root; struct ops ops_root;
`;

let kernel: ReturnType<typeof kernelBtf> | null = null;

function read(source: string): BpfObject {
  kernel ??= kernelBtf(compileBpf(kernelSource));
  return readBpfObject(compileBpf(common + source), kernel);
}

clangTest("fields are found where the kernel has them", () => {
  const object = read(`
    struct inner___old { u16 value; } core;
    struct task___mine { u64 hidden; struct inner___old in[2]; u64 narrow; int gone;
                         u32 bit_b : 4; s32 bit_c : 9; } core;
    struct missing___x { int field; } core;
    SEC("syscall") u64 offsets(void *c) {
      struct task___mine *t = 0;
      return __builtin_preserve_field_info(t->hidden, 0) | __builtin_preserve_field_info(t->in[2].value, 0) << 8
        | __builtin_preserve_field_info(t->narrow, 1) << 16 | __builtin_preserve_field_info(t->gone, 2) << 24
        | __builtin_preserve_field_info(t->hidden, 2) << 25 | __builtin_preserve_field_info(t->bit_c, 3) << 26
        | __builtin_preserve_field_info(t->bit_b, 3) << 27
        | __builtin_preserve_type_info(*(struct missing___x *)0, 0) << 28
        | __builtin_preserve_type_info(*(struct task___mine *)0, 0) << 29;
    }
    SEC("syscall") u64 bits(struct task___mine *t) {
      u64 word = *(u32 *)((void *)t + __builtin_preserve_field_info(t->bit_b, 0));
      word <<= __builtin_preserve_field_info(t->bit_b, 4);
      return word >> __builtin_preserve_field_info(t->bit_b, 5);
    }
    SEC("syscall") u64 reads(struct task___mine *t) { return t->in[1].value; }
    SEC("syscall") u64 poisoned(struct task___mine *t) {
      return __builtin_preserve_field_info(t->gone, 2) ? t->gone : 7;
    }
    SEC("syscall") u64 reached(struct task___mine *t) { return t->gone; }
  `);
  const running = start(object);
  // hidden after five words; in[2] at 48 + 2 × 8, its value at + 4; narrow has four bytes.
  expect(running.run("offsets")).toBe(
    40 | (68 << 8) | (4 << 16) | (0 << 24) | (1 << 25) | (1 << 26) | (0 << 27) | (1 << 29),
  );
  const { view } = running.memory;
  const task = running.memory.allocate(128, "read-write", "task");
  view.setUint16(task + 48 + 8 + 4, 4711, true);
  view.setUint32(task + 84, (0x55 << 3) | 5, true);
  const index = (name: string) => object.functions.findIndex((each) => each.name === name);
  expect(running.machine.run(index("reads"), task)).toBe(4711);
  expect(running.machine.run(index("bits"), task)).toBe(0x55);
  expect(running.machine.run(index("poisoned"), task)).toBe(7);
  expect(() => running.machine.run(index("reached"), task)).toThrow(
    /the kernel has no task___mine.gone/,
  );
});

clangTest("enumerators and type ids come from the kernel", () => {
  const object = read(`
    enum flags___mine { FLAG_A = 5, FLAG_NEW = 6, FLAG_NONE = 7 };
    enum big { BIG_ONE = 3 };
    SEC("syscall") u64 values(void *c) {
      return __builtin_preserve_enum_value(*(enum flags___mine *)FLAG_NEW, 1)
        | __builtin_preserve_enum_value(*(enum flags___mine *)FLAG_A, 1) << 1
        | __builtin_preserve_enum_value(*(enum flags___mine *)FLAG_NONE, 0) << 2
        | __builtin_preserve_enum_value(*(enum flags___mine *)FLAG_A, 0) << 3
        | __builtin_preserve_enum_value(*(enum big *)BIG_ONE, 1);
    }
    struct task { u64 x; } core;
    SEC("syscall") u64 size(void *c) { return __builtin_preserve_type_info(*(struct task *)0, 1); }
    SEC("syscall") u64 id(void *c) { return __builtin_btf_type_id(*(struct task *)0, 1); }
  `);
  const running = start(object);
  expect(running.run("values")).toBe((1 << 20) | 2 | 8);
  expect(running.machine.resultHigh()).toBe(1 << 8);
  expect(running.run("size")).toBe(96);
  expect(object.kernelBtf.name(running.run("id"))).toBe("task");
});

clangTest("kernel symbols are there by the kernel's types", () => {
  const object = read(`
    struct task { u64 any; };
    extern int kfunc_add(int a, int b) __ksym;
    extern u64 kfunc_new___v2___mine(struct task *t) __ksym __weak;
    extern int kfunc_add___other(int a) __ksym __weak;
    extern int kfunc_gone(void) __ksym __weak;
    extern const int kernel_number __ksym;
    extern const int gone_number __ksym __weak;
    extern u32 LINUX_KERNEL_VERSION __kconfig;
    extern u32 CONFIG_NOBODY __kconfig __weak;
    SEC("syscall") u64 calls(void *c) {
      u64 found = 0;
      if (kfunc_new___v2___mine) found |= 1;
      if (kfunc_add___other) found |= 2;
      if (kfunc_gone) found |= kfunc_gone();
      if (&gone_number) found |= 8;
      if (CONFIG_NOBODY) found |= 16;
      return found << 8 | kfunc_add(40, 2);
    }
    SEC("syscall") u64 version(void *c) { return LINUX_KERNEL_VERSION; }
    SEC("syscall") u64 address(void *c) { return (u64)&kernel_number; }
  `);
  const present = object.ksyms.map(({ name, present }) => `${present ? "+" : "-"}${name}`).sort();
  expect(present).toEqual(
    [
      "+kernel_number",
      "+kfunc_add",
      "+kfunc_new___v2",
      "-gone_number",
      "-kfunc_add",
      "-kfunc_gone",
    ].sort(),
  );
  const add = {
    name: "kfunc_add",
    arguments: ["s32", "s32"],
    result: "s32",
    ops: null,
    run: (a: number, b: number) => a + b,
  } as const;
  const calls = { helpers: new Map(), kfuncs: new Map([["kfunc_add", add]]) };
  const running = start(object, calls);
  expect(running.run("calls")).toBe((1 << 8) | 42);
  expect(running.run("version")).toBe((7 << 16) | (2 << 8) | 12);
  const number = object.ksyms.findIndex((each) => each.name === "kernel_number");
  expect(running.run("address")).toBe(0x2000 + number);
  expect(object.ksyms[number]?.size).toBe(4);
  expect(translate(object, noCalls).unsupported).toEqual([
    { kind: "kfunc", name: "kfunc_add", program: "calls" },
  ]);
  expect(() => start(object).run("calls")).toThrow(/the kfunc kfunc_add is not modelled/);
});

clangTest("a strong symbol that the kernel lacks is an error", () => {
  const source = `extern int kfunc_gone(void) __ksym; SEC("syscall") int f(void *c) { return kfunc_gone(); }`;
  expect(() => read(source)).toThrow(ObjectError);
  expect(() => read(source)).toThrow(/needs the kernel's function kfunc_gone/);
});

clangTest("maps and globals are what the source defines", () => {
  const object = read(`
    #define __uint(name, val) int (*name)[val]
    #define __type(name, val) typeof(val) *name
    #define __array(name, val) typeof(val) *name[]
    struct value { u64 a; u32 b; };
    struct { __uint(type, 1); __uint(max_entries, 100); __type(key, u32); __type(value, struct value);
             __uint(map_flags, 3); } table SEC(".maps");
    struct inner_map { __uint(type, 2); __uint(max_entries, 4); __type(key, u32); __type(value, u64); };
    struct inner_map first SEC(".maps"), second SEC(".maps");
    struct { __uint(type, 12); __uint(max_entries, 2); __uint(key_size, 4);
             __array(values, struct inner_map); } outer SEC(".maps") = { .values = { &first, &second } };
    const volatile u64 slice_ns = 5000000;
    const volatile s32 offset = -3;
    const volatile _Bool enabled = 1;
    const volatile char label[8] = "abc";
    u32 counter = 9;
    static volatile u64 hidden;
    u64 zeros[100];
    int apart SEC(".bss.apart");
    SEC("syscall") u64 get(void *c) { hidden++; zeros[3] = 5; apart = 2; counter++;
      return enabled ? slice_ns + offset + counter + label[1] : 0; }
    SEC("syscall") u64 handle(void *c) { return (u64)&outer; }
  `);
  const map = (name: string) => object.maps.find((each) => each.name === name);
  expect(map("table")).toMatchObject({
    type: 1,
    keySize: 4,
    valueSize: 16,
    maxEntries: 100,
    flags: 3,
    section: null,
    initial: null,
  });
  const outer = map("outer");
  expect(outer?.slots.map(([slot, of]) => [slot, object.maps[of]?.name])).toEqual([
    [0, "first"],
    [1, "second"],
  ]);
  expect(object.maps[outer?.inner ?? -1]).toMatchObject({ type: 2, valueSize: 8 });
  expect(map(".bss.apart")).toMatchObject({ valueSize: 4, initial: null });
  expect(map(".rodata")?.flags).toBe(0x80);
  expect(object.globals.get("slice_ns")?.type).toEqual({
    kind: "integer",
    bytes: 8,
    signed: false,
  });
  expect(object.globals.get("offset")?.type).toEqual({ kind: "integer", bytes: 4, signed: true });
  expect(object.globals.get("enabled")?.type).toEqual({ kind: "bool", bytes: 1 });
  expect(object.globals.get("hidden")?.size).toBe(8);
  expect(start(object).run("get")).toBe(5_000_000 - 3 + 10 + 98);
  const maps = withKnobs(object, { slice_ns: 2_000_000, offset: -1, label: "xy" });
  const running = start({ ...object, maps });
  expect(running.run("get")).toBe(2_000_000 - 1 + 10 + 121);
  expect(running.run("handle")).toBe(
    0x1000 + object.maps.findIndex((each) => each.name === "outer"),
  );
  expect(start({ ...object, maps: withKnobs(object, { enabled: false }) }).run("get")).toBe(0);
});

clangTest("a callback gets its arguments and its frame", () => {
  const object = read(`
    static long (*loop)(u32 count, void *callback, void *context, u64 flags) = (void *)181;
    struct state { u64 sum; u32 limit; };
    static int step(u32 index, struct state *state) {
      volatile u64 own[4] = { index, 1, 2, 3 };
      state->sum += own[0] * 10 + own[3];
      return index == state->limit;
    }
    SEC("syscall") u64 count(void *c) {
      struct state state = { .limit = 4 };
      loop(100, step, &state, 0);
      return state.sum;
    }
    __attribute__((noinline)) int deeper(u32 n, void *c) { volatile int x = n; return loop(1, deeper, c, 0) + x; }
    SEC("syscall") u64 endless(void *c) { return deeper(1, c); }
  `);
  let machine: ReturnType<typeof start>["machine"] | null = null;
  const loop = {
    name: "bpf_loop",
    arguments: ["u32", "ptr", "ptr", "u64"],
    result: "s32",
    ops: null,
    run: (count: number, pointer: number, context: number) => {
      for (let at = 0; at < count; at++) {
        if (machine?.callback(pointer, at, context, 0, 0, 0) === 1) return at + 1;
      }
      return count;
    },
  } as const;
  const running = start(object, { helpers: new Map([[181, loop]]), kfuncs: new Map() });
  machine = running.machine;
  expect(running.run("count")).toBe(0 + 10 + 20 + 30 + 40 + 5 * 3);
  expect(() => running.run("endless")).toThrow(/more than 8 calls deep/);
  expect(running.run("count"), "the stack is whole again").toBe(115);
});

clangTest("struct_ops are told member by member", () => {
  const object = read(`
    struct task;
    struct ops { void (*second)(u64); s32 (*first)(struct task *); char name[16]; u32 timeout_ms; u64 flags; void *newer; };
    SEC("struct_ops/my_first") s32 my_first(u64 *context) { return context[0] + 1; }
    SEC("struct_ops.s/my_second") void my_second(u64 *context) {}
    SEC(".struct_ops.link") struct ops my_ops = { .first = (void *)my_first, .second = (void *)my_second,
      .name = "mine", .timeout_ms = 5000 };
    char _license[] SEC("license") = "GPL";
  `);
  expect(object.license).toBe("GPL");
  const [ops] = object.structOps;
  expect(ops).toMatchObject({ name: "my_ops", type: "ops" });
  expect(ops?.members.map((each) => each.name)).toEqual([
    "first",
    "second",
    "flags",
    "timeout_ms",
    "name",
  ]);
  const [first, second] = ops?.members ?? [];
  const named = (member: typeof first) =>
    member?.kind === "program" ? object.functions[member.function ?? -1]?.name : null;
  expect([named(first), named(second)]).toEqual(["my_first", "my_second"]);
  const running = start(object);
  running.memory.view.setBigUint64(running.context, 41n, true);
  expect(running.run("my_first")).toBe(42);
});

clangTest("a struct_ops member that the kernel lacks must be zero", () => {
  const source = (value: string) => `
    struct ops { u64 flags; u64 newer; };
    SEC(".struct_ops.link") struct ops my_ops = { .flags = 1, .newer = ${value} };
    SEC("syscall") int f(void *c) { return 0; }`;
  expect(read(source("0")).structOps[0]?.members.map((each) => each.name)).toEqual(["flags"]);
  expect(() => read(source("1"))).toThrow(/no member "newer"/);
});

clangTest("faults name the program and the line of C", () => {
  const object = read(`
    const volatile u64 constant = 1;
    u32 array[4];
    SEC("syscall") u64 past(u64 *c) { return array[*c]; }
    SEC("syscall") u64 null_load(u64 *c) { u64 *p = (u64 *)*c; return *p; }
    SEC("syscall") u64 null_store(u64 *c) { *(u64 *)(*c) = 1; return 0; }
    SEC("syscall") u64 constant_store(u64 *c) {
      u64 *p = (u64 *)&constant; asm volatile("" : "+r"(p)); *p = 2; return 0; }
    SEC("syscall") u64 endless(u64 *c) { while (*(volatile u64 *)c == 0); return 0; }
    SEC("syscall") u64 helper(u64 *c) { return ((u64 (*)(void))77)(); }
  `);
  const running = start(object);
  const set = (value: bigint) => running.memory.view.setBigUint64(running.context, value, true);
  const failing = (name: string): ProgramFault => {
    try {
      running.machine.refuel(100_000);
      running.run(name);
    } catch (error) {
      if (error instanceof ProgramFault) return error;
      throw error;
    }
    throw new Error(`${name} did not fail`);
  };
  set(4n);
  const past = failing("past");
  expect(past).toMatchObject({ kind: "out-of-bounds", program: "past" });
  expect(past.message).toMatch(/^past: reads 4 bytes at just past the end of map \.bss/);
  expect(past.location?.text).toContain("return array[*c]");
  expect(past.location?.line).toBeGreaterThan(1);
  set(0n);
  expect(running.run("null_load"), "as PROBE_MEM").toBe(0);
  expect(failing("null_store").kind).toBe("null-store");
  expect(failing("constant_store").kind).toBe("read-only");
  expect(failing("endless").kind).toBe("out-of-fuel");
  expect(failing("helper")).toMatchObject({ kind: "unsupported", program: "helper" });
  set(0xffff_ffff_0000_0000n);
  expect(failing("null_load").message).toContain("0xffffffff00000000, which is no memory");
  set(1n);
  expect(running.run("past"), "the machine stays usable").toBe(0);
});

clangTest("a call may run another program on a stack of its own", () => {
  const object = read(`
    SEC("syscall") u64 outer(u64 *c) {
      volatile u64 own[3] = { 1, 2, 3 };
      u64 inner = ((u64 (*)(u64))5)(4);
      return own[0] + own[1] + own[2] + inner;
    }
    SEC("syscall") u64 inner(u64 *c) { volatile u64 own[60]; own[0] = 100; own[59] = 7; return own[0] + own[59]; }
    SEC("syscall") u64 again(u64 *c) { volatile u64 x = 1; return ((u64 (*)(u64))6)(x); }
  `);
  const index = (name: string) => object.functions.findIndex((each) => each.name === name);
  let running: ReturnType<typeof start> | null = null;
  const names: (string | null)[] = [];
  const call = (name: string, program: string): Call => ({
    name,
    arguments: ["u64"],
    result: "u32",
    ops: null,
    run: () => {
      names.push(running?.machine.running ?? null);
      return running?.machine.run(index(program), running.context);
    },
  });
  const helpers = new Map([
    [5, call("nested", "inner")],
    [6, call("endless", "again")],
  ]);
  running = start(object, { helpers, kfuncs: new Map() });
  expect(running.run("outer")).toBe(6 + 107);
  expect(names).toEqual(["outer"]);
  expect(() => running?.run("again")).toThrow(/nest too deep/);
  expect(running.machine.running).toBeNull();
  expect(running.run("outer"), "the stack is whole again").toBe(113);
});

clangTest("what only another kernel's branch needs is not missed", () => {
  const object = read(`
    struct task { u64 any; };
    extern u64 kfunc_new___v2___mine(struct task *t) __ksym __weak;
    extern int kfunc_add(int a, int b) __ksym __weak;
    extern int kfunc_gone(void) __ksym __weak;
    SEC("syscall") u64 guarded(struct task *t) {
      if (kfunc_gone) return ((u64 (*)(void))200)() + kfunc_gone();
      if (kfunc_new___v2___mine) return kfunc_new___v2___mine(t);
      return kfunc_add(1, 2);
    }
  `);
  const { unsupported } = translate(object, noCalls);
  expect(unsupported.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["kfunc kfunc_new___v2"]);
});

clangTest("fuel bounds callbacks, too", () => {
  const object = read(`
    static int step(u32 index, void *c) { return 0; }
    SEC("syscall") u64 many(u64 *c) { return ((long (*)(u32, void *, void *, u64))181)(1 << 23, step, 0, 0); }
  `);
  let machine: ReturnType<typeof start>["machine"] | null = null;
  const loop = {
    ...({
      name: "bpf_loop",
      arguments: ["u32", "ptr", "ptr", "u64"],
      result: "s32",
      ops: null,
    } as const),
    run: (count: number, pointer: number, context: number) => {
      for (let at = 0; at < count; at++) machine?.callback(pointer, at, context, 0, 0, 0);
      return count;
    },
  };
  const running = start(object, { helpers: new Map([[181, loop]]), kfuncs: new Map() });
  machine = running.machine;
  machine.refuel(5000);
  expect(() => running.run("many")).toThrow(/fuel is used up/);
  expect(machine.fuelLeft()).toBeLessThan(0);
});
