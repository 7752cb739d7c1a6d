// The confined compiler with the real clang and bubblewrap, against a made-up vmlinux.h that has just
// the types these sources need. (test/policies compiles the real ones against a real kernel's.)

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../contract/limits.ts";
import type { Finding } from "../../contract/verdict.ts";
import { findToolchain, mapsUser, sharedLibraries } from "../confinement/toolchain.ts";
import { compilePolicy } from "./compile.ts";

const kernelTypes = `
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
typedef unsigned char u8; typedef unsigned int u32; typedef int s32; typedef unsigned long long u64;
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32;
typedef unsigned long long __u64; typedef unsigned int __wsum; typedef unsigned int __be32;
typedef unsigned short __be16; typedef long long __s64; typedef int __s32; typedef _Bool bool;
struct task_struct { int pid; char comm[16]; };
struct sched_ext_ops { void (*enqueue)(struct task_struct *, u64); s32 (*init)(void); char name[128]; };
#define __ksym __attribute__((section(".ksyms")))
#define __weak __attribute__((weak))
extern s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __weak __ksym;
extern void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __weak __ksym;
#endif
`;
const head = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';
const license = 'char _license[] SEC("license") = "GPL";\n';
const program = `SEC("struct_ops/enqueue") void enqueue(struct task_struct *p, u64 flags) {
  scx_bpf_dsq_insert(p, 0, 1000, flags);
}
SEC(".struct_ops.link") struct sched_ext_ops ops = { .enqueue = (void *)enqueue, .name = "x" };
`;
const good = head + license + program;

let directory: string;
let vmlinuxHeaderPath: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "compile-"));
  chmodSync(directory, 0o755);
  vmlinuxHeaderPath = join(directory, "vmlinux.h");
  writeFileSync(vmlinuxHeaderPath, kernelTypes, { mode: 0o644 });
  chmodSync(vmlinuxHeaderPath, 0o644);
});

afterAll(() => rmSync(directory, { recursive: true }));

const compile = (source: string) => compilePolicy({ name: "mine", source, vmlinuxHeaderPath });

async function refused(source: string): Promise<Finding[]> {
  const outcome = await compile(source);
  if (outcome.ok) throw new Error("it compiled");
  expect(outcome.findings.length).toBeGreaterThan(0);
  expect(outcome.findings.length).toBeLessThanOrEqual(10);
  return outcome.findings;
}

const compiled = async (source: string) => {
  const outcome = await compile(source);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings, null, 1));
  return outcome;
};

describe("a policy that compiles", () => {
  test("is a stripped BPF object with BTF, the same every time", async () => {
    const [first, second] = await Promise.all([compiled(good), compiled(good)]);
    const bytes = Buffer.from(first.object);
    expect(bytes.toString("latin1", 0, 4)).toBe("\x7fELF");
    expect(bytes.readUInt16LE(18)).toBe(247);
    expect(bytes.includes(".BTF\0")).toBe(true);
    expect(bytes.includes(".debug_info")).toBe(false);
    expect(second.objectSha256).toBe(first.objectSha256);
  });

  test("may have warnings", async () => {
    const { warnings } = await compiled(`${good}int unused_result(int a) { int b; return a; }\n`);
    expect(warnings[0]).toMatchObject({
      rule: "compile/warning",
      severity: "warning",
      message: /unused variable 'b'/,
      location: { file: "mine.bpf.c", line: 8 },
    });
  });
});

describe("a policy that does not compile", () => {
  test("is told where, without the sandbox's paths", async () => {
    const [finding] = await refused(`${good}int broken(void) { return 1 }\n`);
    expect(finding).toMatchObject({
      rule: "compile/error",
      severity: "error",
      message: "expected ';' after return statement",
      location: { file: "mine.bpf.c", line: 8, column: 28 },
    });
    expect(JSON.stringify(finding)).not.toContain("/policy/");
  });

  test.each<[string, string, RegExp]>([
    ["a C library header", `#include <stdio.h>\n${good}`, /no C library/],
    ["a kernel header", `#include <linux/sched.h>\n${good}`, /vmlinux|scx\/common/],
    ["a header of its own", `#include "mine.h"\n${good}`, /one source file/],
    [
      "a misspelt kfunc",
      good.replace("scx_bpf_dsq_insert(p", "scx_bpf_dsq_insrt(p"),
      /scx_bpf_dsq_insert`/,
    ],
    [
      "a function that there is not",
      good.replace("scx_bpf_dsq_insert(p", "printf(p"),
      /bpf_printk|no C library/,
    ],
    [
      "an unknown member",
      `${good}int f(struct task_struct *p) { return p->vtime; }`,
      /task storage/,
    ],
    ["an unknown type", `${good}struct s { uint64_t x; };`, /Use u64/],
    [
      "a macro without its header",
      `${good}s32 BPF_STRUCT_OPS(f, struct task_struct *p) { return 0; }\n`,
      /scx\/common\.bpf\.h/,
    ],
    [
      "too many arguments",
      good.replace("flags);", "flags, 1, 2);"),
      /scx_bpf_dsq_insert\(p, dsq_id/,
    ],
    ["an unknown operation", good.replace(".name", ".colour = 0, .name"), /no such operation/],
    [
      "an unknown constant",
      good.replace("1000", "SCX_SLICE_DEFAULT"),
      /vmlinux\.h has no such name/,
    ],
  ])("%s", async (_what, source, hint) => {
    const findings = await refused(source);
    expect(findings[0]?.hint).toMatch(hint);
  });

  test("many errors are cut to ten", async () => {
    const errors = Array.from({ length: 50 }, (_, index) => `int f${index}(void) { return x; }`);
    expect(await refused(good + errors.join("\n"))).toHaveLength(10);
  });

  test("no operations or no licence is no scheduler", async () => {
    const [noOps] = await refused(`${head}${license}int x;`);
    expect(noOps).toMatchObject({ rule: "compile/not-a-scheduler", hint: /SCX_OPS_DEFINE/ });
    const [noLicense] = await refused(head + program);
    expect(noLicense).toMatchObject({ rule: "compile/not-a-scheduler", hint: /GPL/ });
  });

  test("what clang quotes can't carry control characters", async () => {
    const findings = await refused(`${good}#error \u001b[2J\u0007cleared\n`);
    expect(JSON.stringify(findings)).not.toMatch(/\\u001b|\\u0007/);
  });
});

describe("a policy that reaches for the host", () => {
  // Also the compiler's own binary: it may be seen, so only what is not bound is listed.
  const files = [
    "/etc/passwd",
    "/etc/hostname",
    "/proc/self/environ",
    "/proc/version",
    "/dev/null",
    "/usr/share/doc/libbpf-dev/copyright",
    "/usr/include/stdio.h",
    "/usr/bin/env",
    "/bin/sh",
    "../etc/passwd",
    import.meta.filename,
  ];

  test.each(files)("finds no %s", async (file) => {
    const [included] = await refused(`#include "${file}"\n${good}`);
    expect(included?.message).toMatch(/file not found/);
    const found = `#if __has_include("${file}")\n#error it is there\n#endif\n${good}`;
    expect((await compile(found)).ok).toBe(true);
    const assembled = await refused(`${good}asm(".incbin \\"${file}\\"");\n`);
    expect(assembled[0]?.message).toMatch(/[Cc]ould not find incbin file/);
    const embedded = await compile(`${good}const char host[] = {\n#embed "${file}"\n};\n`);
    expect(embedded.ok).toBe(false);
  });

  test("gets nothing by a search path, a macro or a line marker", async () => {
    await refused(`#define FILE "/etc/passwd"\n#include FILE\n${good}`);
    await refused(`# 1 "/etc/x.c"\n#include "passwd"\n${good}`);
    await refused(`#pragma GCC system_header\n#include_next <stdio.h>\n${good}`);
  });

  test("sees an environment that holds nothing", async () => {
    process.env.CPATH = "/etc";
    try {
      await refused(`#include "passwd"\n${good}`);
    } finally {
      delete process.env.CPATH;
    }
  });
});

describe("limits", () => {
  test("a source that is too long", async () => {
    await expect(
      compile(`${good}//${"x".repeat(limits.policySourceBytesMax)}`),
    ).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test("a source that eats the compiler's memory", async () => {
    const [finding] = await refused(`${good}asm(".space 4000000000, 1");\n`);
    expect(finding).toMatchObject({ rule: "compile/limit", hint: /smaller/ });
  });

  test("a huge array is an object that is too large", async () => {
    const outcome = await compile(`${good}char big[${64 * 1024 * 1024}] = {1};\n`);
    expect(outcome).toMatchObject({ ok: false, findings: [{ rule: "compile/limit" }] });
  });

  test("a deep recursion is an error, not a crash of ours", async () => {
    const nested = `${good}int deep = ${"(".repeat(100_000)}1${")".repeat(100_000)};\n`;
    expect((await refused(nested))[0]?.rule).toMatch(/^compile\//);
  });

  test("an aborted compilation ends at once", async () => {
    const controller = new AbortController();
    const running = compilePolicy({
      name: "mine",
      source: good,
      vmlinuxHeaderPath,
      signal: controller.signal,
    });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("what is missing", () => {
  test.each([
    ["clang", "", /clang/],
    ["bubblewrap", "clang-only", /bubblewrap/],
  ])("%s is named with its package", async (_what, kind, hint) => {
    const path = kind === "" ? directory : fakePath(["clang", "llvm-strip"]);
    await expect(findToolchain(path)).rejects.toMatchObject({ code: "missing-program", hint });
  });

  test("the kernel's header", async () => {
    const missing = compilePolicy({
      name: "mine",
      source: good,
      vmlinuxHeaderPath: join(directory, "none.h"),
    });
    await expect(missing).rejects.toMatchObject({ code: "file-unreadable", hint: /setup/ });
  });
});

test("the libraries in the output of ldd", () => {
  const output = [
    "\tlinux-vdso.so.1 (0x00007fc095f29000)",
    "\tlibclang.so => /usr/lib/llvm-19/bin/../lib/libclang.so (0x00007fc091a00000)",
    "\tlibgone.so => not found",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007fc095f2b000)",
  ];
  expect(sharedLibraries(output.join("\n"))).toEqual([
    "/usr/lib/llvm-19/lib/libclang.so",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});

test("whether a user namespace has an unprivileged user", () => {
  expect(mapsUser("         0          0 4294967295\n")).toBe(true);
  expect(mapsUser("         0       1000          1\n")).toBe(false);
  expect(mapsUser("0 1000 1\n1 100000 65536\n")).toBe(true);
});

/** A directory for PATH that has nothing but these. */
function fakePath(programs: string[]): string {
  const path = mkdtempSync(join(directory, "path-"));
  for (const program of programs)
    writeFileSync(join(path, program), "#!/bin/sh\n", { mode: 0o755 });
  return path;
}
