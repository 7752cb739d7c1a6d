// What the compiler gets of the target kernel beside vmlinux.h: <kfuncs.h>, its kfuncs with a macro for
// each (C can't ask whether a function is declared), and vmlinux.h's types precompiled, which halves
// the time of a compile. Made once a kernel, compiler and set of flags; kept in the cache. Called by
// compile.ts.

import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SchedcpError } from "../../contract/errors.ts";
import { Cache, cacheRoot, digestOf } from "../../lab/cache.ts";
import { runConfined } from "../confinement/compiler-sandbox.ts";
import { type Binding, identityOf, type Toolchain } from "../confinement/toolchain.ts";
import { kernelFunctions } from "./compiler-messages.ts";

/** Part of the key: bump when what is made changes. */
const version = 1;
const precompiledPath = "/target/kernel.pch";
/** Not the kfuncs: clang leaves a precompiled one out of BTF where only a cleanup attribute names it. */
const typesOnly =
  '#define BPF_NO_KFUNC_PROTOTYPES\n#include "vmlinux.h"\n#undef BPF_NO_KFUNC_PROTOTYPES\n';

export interface KernelHeaders {
  bindings: Binding[];
  /** The compiler's arguments with which it reads the precompiled form. */
  precompiled: string[];
}

const made = new Map<string, Promise<KernelHeaders>>();

/** `flags`: those that the policy is compiled with. Throws as the sandbox does, and `file-unreadable`. */
export function kernelHeaders(
  vmlinuxHeaderPath: string,
  toolchain: Toolchain,
  flags: readonly string[],
): Promise<KernelHeaders> {
  const key = JSON.stringify([vmlinuxHeaderPath, toolchain.clang.path, flags]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const making = make(vmlinuxHeaderPath, toolchain, flags);
  made.set(key, making);
  // A full disk may have room the next time.
  making.catch(() => made.delete(key));
  return making;
}

/**
 * Whether a source may be compiled with the precompiled headers in front of it: only where including
 * them is what it does first, so that no macro of its own could have changed them.
 */
export function beginsWithKernelTypes(source: string): boolean {
  const withoutComments = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ");
  return /^\s*#[ \t]*include[ \t]*[<"](?:scx\/common\.bpf\.h|vmlinux\.h)[>"]/.test(withoutComments);
}

async function make(
  vmlinuxHeaderPath: string,
  toolchain: Toolchain,
  flags: readonly string[],
): Promise<KernelHeaders> {
  const header = await readFile(vmlinuxHeaderPath).catch((cause: unknown) => {
    throw unreadable(vmlinuxHeaderPath, cause);
  });
  // A precompiled header is good for the very compiler that made it.
  const key = digestOf([
    `kernel headers ${version}`,
    header,
    JSON.stringify([flags, await identityOf(toolchain.clang.bindings)]),
  ]);
  const directory = await new Cache(cacheRoot()).entry("headers", key, async (target) => {
    const kfuncs = join(target, "kfuncs.h");
    await writeFile(kfuncs, kfuncHeader(header.toString("latin1")));
    const bindings = textBindings(vmlinuxHeaderPath, kfuncs);
    const precompiled = await precompile(toolchain, flags, bindings);
    await writeFile(join(target, "kernel.h"), typesOnly);
    await writeFile(join(target, "kernel.pch"), precompiled);
    // As root the compiler runs as another user.
    for (const name of ["kfuncs.h", "kernel.h", "kernel.pch"])
      await chmod(join(target, name), 0o444);
    await chmod(target, 0o755);
  });
  return {
    bindings: [
      ...textBindings(vmlinuxHeaderPath, join(directory, "kfuncs.h")),
      // Named by the precompiled form, which is refused where it is not there.
      { source: join(directory, "kernel.h"), target: "/target/kernel.h" },
      { source: join(directory, "kernel.pch"), target: precompiledPath },
    ],
    precompiled: ["-include-pch", precompiledPath, "-include", "/target/kfuncs.h"],
  };
}

function textBindings(vmlinuxHeaderPath: string, kfuncs: string): Binding[] {
  return [
    { source: vmlinuxHeaderPath, target: "/target/vmlinux.h" },
    { source: kfuncs, target: "/target/kfuncs.h" },
  ];
}

async function precompile(
  toolchain: Toolchain,
  flags: readonly string[],
  bindings: Binding[],
): Promise<Uint8Array> {
  const { exitCode, stdout, stderr } = await runConfined({
    toolchain,
    program: toolchain.clang,
    // Without the headers' times: a cache that was copied is still good.
    args: [
      ...flags,
      "-Xclang",
      "-fno-pch-timestamp",
      "-x",
      "c-header",
      "-o",
      "-",
      "/target/kernel.h",
    ],
    bindings,
    input: {
      path: "/target/kernel.h",
      bytes: Buffer.from(typesOnly),
    },
  });
  if (exitCode === 0) return stdout;
  throw new SchedcpError(
    "missing-setup",
    `the kernel's types do not compile: ${stderr.slice(0, 300)}`,
    {
      hint: "Run `schedcp setup`; report the kernel's version otherwise.",
    },
  );
}

function kfuncHeader(vmlinuxHeader: string): string {
  const declared = kernelFunctions(vmlinuxHeader).flatMap(({ name, prototype }) => [
    prototype,
    `#define ___KFUNC_${name} 1`,
  ]);
  return ["#ifndef __KFUNCS_H", "#define __KFUNCS_H", ...declared, "#endif", ""].join("\n");
}

function unreadable(path: string, cause: unknown): SchedcpError {
  return new SchedcpError("file-unreadable", `${path} can't be read`, {
    hint: "Run `schedcp setup`, which makes it from the kernel's BTF.",
    cause,
  });
}
