// Stage 2: C source → BPF object, by clang in a sandbox, against our headers and the target kernel's
// vmlinux.h. A source that doesn't compile is an expected outcome: findings that say how to mend it.
// Called by verifier.ts and compiled-policy.ts. The object says nothing yet of the policy's safety.

import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import type { Finding } from "../../contract/verdict.ts";
import { nameSchema } from "../../contract/workload.ts";
import { runConfined, type SandboxResult, sandboxLimits } from "../confinement/compiler-sandbox.ts";
import { sharedToolchain, type Toolchain } from "../confinement/toolchain.ts";
import { sha256 } from "../sha256.ts";
import { compilerFindings, kernelFunctions } from "./compiler-messages.ts";
import { kernelHeaders } from "./kernel-headers.ts";
import { missingSections } from "./required-sections.ts";

export interface CompileRequest {
  name: string;
  source: string;
  /** The C header of the target kernel's types. */
  vmlinuxHeaderPath: string;
  signal?: AbortSignal;
}

export type CompileOutcome =
  | {
      ok: true;
      object: Uint8Array;
      objectSha256: string;
      durationMs: number;
      warnings: Finding[];
    }
  | { ok: false; findings: Finding[] };

const includeDirectory = fileURLToPath(new URL("../../../bpf/include", import.meta.url));

const languageFlags = [
  ...["-g", "-O2", "-std=gnu11", "-target", "bpf", "-mcpu=v3"],
  // The kernel embeds structures without a name; without this vmlinux.h loses those members.
  ...["-fms-extensions", "-Wno-microsoft-anon-tag"],
  ...["-nostdinc", "-I/include", "-isystem", "/target", "-isystem", "/libbpf"],
];
const outputFlags = [
  ...["-Wall", "-Wno-unused-function", "-Wno-unknown-warning-option"],
  ...[
    "-ferror-limit=10",
    "-fno-caret-diagnostics",
    "-fno-color-diagnostics",
    "-fno-crash-diagnostics",
  ],
  ...["-fdebug-compilation-dir=/policy", "-c", "-o", "-"],
];
const architectureMacros: Partial<Record<string, string>> = {
  x64: "-D__TARGET_ARCH_x86",
  arm64: "-D__TARGET_ARCH_arm64",
};

/**
 * Throws `limit-exceeded`, `missing-program`, `not-supported`, `file-unreadable` (the header), `busy`
 * or `interrupted`; whatever the source itself is to blame for is in the outcome.
 */
export async function compilePolicy(request: CompileRequest): Promise<CompileOutcome> {
  const startedMs = performance.now();
  const name = nameSchema.parse(request.name);
  const bytes = Buffer.from(request.source, "utf8");
  if (bytes.length > limits.policySourceBytesMax) throw tooLarge(bytes.length);
  const tools = await sharedToolchain();
  await requireReadable(request.vmlinuxHeaderPath);
  const path = `/policy/${name}.bpf.c`;
  const compiled = await runConfined({
    toolchain: tools,
    program: tools.clang,
    args: [...languageFlags, ...architecture(), ...outputFlags, path],
    bindings: [
      { source: includeDirectory, target: "/include" },
      ...(await kernelHeaders(request.vmlinuxHeaderPath)),
      ...tools.headers,
    ],
    input: { path, bytes },
    signal: request.signal,
  });
  const file = `${name}.bpf.c`;
  if (compiled.exitCode !== 0)
    return { ok: false, findings: await failure(compiled, request, file) };
  const object = await strip(compiled.stdout, tools, request.signal);
  const missing = missingSections(object, file);
  if (missing.length > 0) return { ok: false, findings: missing };
  if (object.length > limits.policyObjectBytesMax) {
    return { ok: false, findings: [objectTooLarge(object.length)] };
  }
  return {
    ok: true,
    object,
    objectSha256: sha256(object),
    durationMs: performance.now() - startedMs,
    warnings: compilerFindings(compiled.stderr, { severity: "warning", functions: [] }),
  };
}

function architecture(): string[] {
  const macro = architectureMacros[process.arch];
  return macro === undefined ? [] : [macro];
}

/** Without debug sections; BTF stays. Reads an object made from untrusted source: confined, too. */
async function strip(
  object: Uint8Array,
  tools: Toolchain,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const path = "/policy/policy.o";
  const stripped = await runConfined({
    toolchain: tools,
    program: tools.llvmStrip,
    args: ["-g", path, "-o", "-"],
    bindings: [],
    input: { path, bytes: object },
    signal,
  });
  if (stripped.exitCode === 0) return stripped.stdout;
  throw new SchedcpError("internal", `llvm-strip failed: ${stripped.stderr.slice(0, 300)}`, {
    hint: "Check the installation of llvm; report the policy's source otherwise.",
  });
}

async function failure(
  compiled: SandboxResult,
  request: CompileRequest,
  file: string,
): Promise<Finding[]> {
  const outOfMemory = /^LLVM ERROR: out of memory|std::bad_alloc/m.test(compiled.stderr);
  const crashed = /^clang[^:]*: error: clang frontend command failed/m.test(compiled.stderr);
  if (compiled.limit === null && !outOfMemory && !crashed) {
    const header = await readFile(request.vmlinuxHeaderPath, "utf8");
    const functions = kernelFunctions(header).map(({ name }) => name);
    const findings = compilerFindings(compiled.stderr, { severity: "error", functions });
    const [first, ...others] = findings;
    if (first !== undefined) {
      return [lacksHeader(request.source) ? { ...first, hint: headerHint } : first, ...others];
    }
  }
  const { cpuSeconds, addressSpaceBytes } = sandboxLimits;
  const limited = compiled.limit !== null || outOfMemory;
  return [
    {
      rule: limited ? "compile/limit" : "compile/crash",
      severity: "error",
      message: limited
        ? `compiling took more than ${cpuSeconds} s of CPU time, ${addressSpaceBytes / 1024 ** 3} GiB of memory or the room for messages`
        : "the compiler failed without naming an error",
      hint: "Make the policy smaller and simpler: no deep macro recursion, huge arrays or unrolled loops.",
      location: { file, line: 1 },
    },
  ];
}

const headerHint =
  "Add `#include <scx/common.bpf.h>` at the top: it has BPF_STRUCT_OPS, SCX_OPS_DEFINE and UEI_DEFINE.";

/** Without their header, clang's words for these macros (a missing parenthesis, …) lead astray. */
function lacksHeader(source: string): boolean {
  return (
    /\b(?:BPF_STRUCT_OPS|SCX_OPS_DEFINE|UEI_DEFINE)\b/.test(source) &&
    !/#\s*include\s*[<"](?:scx|schedcp)\//.test(source) &&
    !/#\s*define\s+BPF_STRUCT_OPS\b/.test(source)
  );
}

async function requireReadable(path: string): Promise<void> {
  const hint = "Run `schedcp setup`, which makes it from the kernel's BTF.";
  const status = await stat(path).catch((cause: unknown) => {
    throw new SchedcpError("file-unreadable", `${path} can't be read`, { hint, cause });
  });
  // As root the compiler runs as another user.
  if (process.getuid?.() === 0 && (status.mode & 0o004) === 0) {
    throw new SchedcpError("file-unreadable", `${path} is not readable for all users`, {
      hint: `Run \`chmod a+r ${path}\`: the compiler runs as an unprivileged user.`,
    });
  }
}

function tooLarge(bytes: number): SchedcpError {
  return new SchedcpError(
    "limit-exceeded",
    `the source has ${bytes} bytes; ${limits.policySourceBytesMax} are allowed`,
    { hint: "Make the policy smaller." },
  );
}

function objectTooLarge(bytes: number): Finding {
  return {
    rule: "compile/limit",
    severity: "error",
    message: `the object has ${bytes} bytes; ${limits.policyObjectBytesMax} are allowed`,
    hint: "Keep large arrays in BPF maps or in zero-initialised globals.",
  };
}
