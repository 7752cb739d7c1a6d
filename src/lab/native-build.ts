// Builds the native programs and the probe's object for one image, with the host's compilers. Our own
// code: it needs no sandbox, unlike a policy. The caller keeps the outcome in the cache by content.

import { dirname, join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import { findClang } from "./clang.ts";
import { runCommand } from "./command.ts";

export interface NativeBuild {
  sourceDirectory: string;
  probesDirectory: string;
  /** The C header of the target kernel's types. */
  vmlinuxHeader: string;
  outputDirectory: string;
  signal?: AbortSignal;
}

const buildTimeoutMs = 180_000;

/**
 * Leaves `schedcp-loader`, `-runner`, `-probe` and `-waker` (static) and `sched.bpf.o` in the output
 * directory. Throws `missing-program` with the packages to install where a tool or library is missing.
 */
export async function buildNative(build: NativeBuild): Promise<void> {
  const { sourceDirectory, probesDirectory, outputDirectory, signal } = build;
  const tools = findClang();
  if (tools === null) throw missing("clang 17 or newer with llvm-strip", "clang-19 llvm-19");
  const options = { signal, timeoutMs: buildTimeoutMs };
  const settings = [`OUT=${outputDirectory}`, `PROBES=${probesDirectory}`];
  await runCommand("make", ["-C", sourceDirectory, ...settings], options).catch(explain);
  const object = join(outputDirectory, "sched.bpf.o");
  const flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-D__TARGET_ARCH_x86", "-Wall"];
  const headers = [
    "-fms-extensions",
    "-Wno-microsoft-anon-tag",
    "-I",
    dirname(build.vmlinuxHeader),
  ];
  const source = join(probesDirectory, "sched.bpf.c");
  await runCommand(tools.clang, [...flags, ...headers, "-c", source, "-o", object], options).catch(
    explain,
  );
  await runCommand(tools.llvmStrip, ["-g", object], options);
}

function explain(error: unknown): never {
  const words = error instanceof SchedcpError ? String(error.details?.stderr ?? "") : "";
  if (/bpf\/\w+\.h: No such file|'bpf\/[\w.]+' file not found/.test(words)) {
    throw missing("libbpf's headers", "libbpf-dev");
  }
  if (/libbpf 1\.4 or newer is needed/.test(words)) {
    throw missing("libbpf 1.4 or newer", "libbpf-dev (on Debian 12 from bookworm-backports)");
  }
  if (/cannot find -l(\w+)/.test(words)) {
    throw missing("a static library", "libbpf-dev libelf-dev zlib1g-dev");
  }
  if (/(cc|gcc): (not found|No such file)/.test(words)) throw missing("a C compiler", "gcc");
  if (/make(\[\d+\])?: .*not found/.test(words)) throw missing("make", "make");
  throw error;
}

function missing(what: string, packages: string): SchedcpError {
  return new SchedcpError("missing-program", `${what} is needed to build the native programs`, {
    hint: `Run \`schedcp setup\`, or install the packages ${packages}.`,
    details: { packages },
  });
}
