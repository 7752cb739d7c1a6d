// What the compiler gets of the target kernel beside vmlinux.h: <kfuncs.h>, its kfuncs with a macro for
// each (C can't ask whether a function is declared). Made once a kernel; kept in the cache. Called by
// compile.ts. The kernel's types are not precompiled, though that halves the time of a compile (0.45 s
// instead of 0.85 s): clang then orders a part of the BTF by addresses, so that one source makes objects
// of several digests (seen with clang 19: 6 in 60 compiles).

import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SchedcpError } from "../../contract/errors.ts";
import { Cache, cacheRoot, digestOf } from "../../lab/cache.ts";
import type { Binding } from "../confinement/toolchain.ts";
import { kernelFunctions } from "./compiler-messages.ts";

/** Part of the key: bump when what is made changes. */
const version = 2;

const made = new Map<string, Promise<Binding[]>>();

/** Shown to the compiler below /target. Throws `file-unreadable` (the header), and as the cache does. */
export function kernelHeaders(vmlinuxHeaderPath: string): Promise<Binding[]> {
  const known = made.get(vmlinuxHeaderPath);
  if (known !== undefined) return known;
  const making = make(vmlinuxHeaderPath);
  made.set(vmlinuxHeaderPath, making);
  // A full disk may have room the next time.
  making.catch(() => made.delete(vmlinuxHeaderPath));
  return making;
}

async function make(vmlinuxHeaderPath: string): Promise<Binding[]> {
  const header = await readFile(vmlinuxHeaderPath).catch((cause: unknown) => {
    throw unreadable(vmlinuxHeaderPath, cause);
  });
  const key = digestOf([`kernel headers ${version}`, header]);
  const directory = await new Cache(cacheRoot()).entry("headers", key, async (target) => {
    const kfuncs = join(target, "kfuncs.h");
    await writeFile(kfuncs, kfuncHeader(header.toString("latin1")));
    // As root the compiler runs as another user.
    await chmod(kfuncs, 0o444);
    await chmod(target, 0o755);
  });
  return [
    { source: vmlinuxHeaderPath, target: "/target/vmlinux.h" },
    { source: join(directory, "kfuncs.h"), target: "/target/kfuncs.h" },
  ];
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
