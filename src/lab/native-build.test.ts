import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findClang } from "./clang.ts";
import { buildNative } from "./native-build.ts";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-native-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function program(name: string, says: string): string {
  const bin = join(directory, "bin");
  const file = join(bin, name);
  mkdirSync(bin, { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Program header of an ELF file that names a dynamic linker. */
const interpreterSegment = 3;

function segmentTypes(elf: Buffer): number[] {
  const [start, size] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54)];
  return Array.from({ length: elf.readUInt16LE(56) }, (_, i) => elf.readUInt32LE(start + i * size));
}

/** The few types of a kernel that the probe looks at: a real header takes seconds to make. */
const kernelTypes = `
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64;
typedef unsigned short __u16; typedef u32 __u32; typedef int __s32; typedef u64 __u64;
typedef long long __s64; typedef u32 __be32; typedef __u16 __be16; typedef u32 __wsum;
typedef _Bool bool;
enum { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6 };
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_F_MMAPABLE = 1024 };
struct kernfs_node { u64 id; };
struct cgroup { struct kernfs_node *kn; };
struct css_set { struct cgroup *dfl_cgrp; };
struct task_struct { int pid; struct css_set *cgroups; };
struct bpf_iter_num { u64 opaque[1]; };
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __attribute__((weak, section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((weak, section(".ksyms")));
#pragma clang attribute pop
`;

describe("buildNative", () => {
  const build = (signal?: AbortSignal) => {
    const vmlinuxHeader = join(directory, "vmlinux.h");
    const outputDirectory = join(directory, "out");
    mkdirSync(outputDirectory, { recursive: true });
    writeFileSync(vmlinuxHeader, kernelTypes);
    return buildNative({
      sourceDirectory: join(packageRoot, "native"),
      probesDirectory: join(packageRoot, "bpf/probes"),
      vmlinuxHeader,
      outputDirectory,
      ...(signal === undefined ? {} : { signal }),
    });
  };

  it.skipIf(findClang() === null)(
    "builds static programs that answer, and the probe's object (needs clang)",
    { timeout: 120_000 },
    async () => {
      await build();
      for (const name of ["schedcp-loader", "schedcp-runner", "schedcp-probe", "schedcp-waker"]) {
        const file = join(directory, "out", name);
        const { stdout, status } = spawnSync(file, { input: "nonsense 1\n\n", encoding: "utf8" });
        // The waker says that it waits before it reads.
        expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
          event: "error",
          stage: "header",
          code: "EINVAL",
          message: "unknown key nonsense",
        });
        expect(status).toBe(2);
        expect(segmentTypes(readFileSync(file))).not.toContain(interpreterSegment);
      }
      const object = readFileSync(join(directory, "out/sched.bpf.o"));
      expect(object.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
      expect(object.includes("tp_btf/sched_switch")).toBe(true);
    },
  );

  it("names the packages when there is no clang", async () => {
    vi.stubEnv("PATH", join(directory, "bin"));
    await expect(build()).rejects.toMatchObject({
      code: "missing-program",
      hint: expect.stringContaining("clang-19"),
    });
  });

  it.each([
    ["loader.c:9:10: fatal error: bpf/bpf.h: No such file or directory", "libbpf-dev"],
    ['bpf-object.c:15:2: error: #error "libbpf 1.4 or newer is needed"', "bookworm-backports"],
    ["/usr/bin/ld: cannot find -lelf: No such file or directory", "libelf-dev"],
    ["make: cc: No such file or directory", "gcc"],
  ])("names the packages when the build says: %s", async (says, hint) => {
    program("clang-19", "");
    program("llvm-strip-19", "");
    writeFileSync(program("make", ""), `#!/bin/sh\necho '${says}' >&2\nexit 2\n`);
    vi.stubEnv("PATH", join(directory, "bin"));
    await expect(build()).rejects.toMatchObject({
      code: "missing-program",
      hint: expect.stringContaining(hint),
    });
  });

  it("names make when there is none", async () => {
    program("clang-19", "");
    program("llvm-strip-19", "");
    vi.stubEnv("PATH", join(directory, "bin"));
    await expect(build()).rejects.toMatchObject({
      code: "missing-program",
      hint: expect.stringContaining("make"),
    });
  });
});
