// Runs one program of the toolchain on untrusted input, inside bubblewrap (see there), with limits on
// memory, CPU time, output and wall time. Where bubblewrap can't work, that is an error. Called by
// compile.ts, kernel-headers.ts and enrolment/shared-libraries.ts.

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { SchedcpError } from "../../contract/errors.ts";
import { confinedCommand } from "./bubblewrap.ts";
import { killGroup } from "./kill-group.ts";
import type { Binding, ConfinedProgram, Confiner } from "./toolchain.ts";

export interface SandboxRequest {
  toolchain: Confiner;
  program: ConfinedProgram;
  args: string[];
  /** Read-only, beside the program's own. */
  bindings: Binding[];
  /** Handed in through a pipe and shown read-only at `path`. */
  input: { path: string; bytes: Uint8Array };
  signal?: AbortSignal | undefined;
}

export interface SandboxResult {
  /** Of the confined program; null where it ended by a signal of ours (see `limit`). */
  exitCode: number | null;
  /** Which limit ended it. */
  limit: "output" | "cpu-or-memory" | null;
  stdout: Uint8Array;
  stderr: string;
}

export const sandboxLimits = {
  addressSpaceBytes: 2 * 1024 ** 3,
  cpuSeconds: 20,
  wallMs: 30_000,
  stdoutBytesMax: 32 * 1024 * 1024,
  stderrBytesMax: 256 * 1024,
} as const;

/** Of setpriv, when it could not start the program. The program itself has other codes. */
const notStarted = [126, 127];

/** Throws `not-supported` where bubblewrap does not work, `busy` on wall time, `interrupted`. */
export async function runConfined(request: SandboxRequest): Promise<SandboxResult> {
  if (request.signal?.aborted) throw endedError("interrupted");
  const [program, args] = command(request);
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: {},
    detached: true,
  });
  const exited = exit(child);
  feed(child.stdio[4] as Writable, request.input.bytes);
  const overflow = () => killGroup(child);
  const stdout = collect(child.stdio[1] as Readable, sandboxLimits.stdoutBytesMax, overflow);
  const stderr = collect(child.stdio[2] as Readable, sandboxLimits.stderrBytesMax, overflow);
  const status = collect(child.stdio[3] as Readable, 4096, overflow);

  let ended: "wall" | "interrupted" | null = null;
  const end = (why: "wall" | "interrupted") => {
    ended ??= why;
    killGroup(child);
  };
  const timer = setTimeout(() => end("wall"), sandboxLimits.wallMs);
  const abort = () => end("interrupted");
  request.signal?.addEventListener("abort", abort, { once: true });
  try {
    await exited;
    const [output, errors, states] = await Promise.all([stdout, stderr, status]);
    if (ended !== null) throw endedError(ended);
    const words = Buffer.from(errors.bytes).toString("utf8");
    if (output.overflowed || errors.overflowed) {
      return { exitCode: null, limit: "output", stdout: new Uint8Array(), stderr: words };
    }
    const exitCode = confinedExitCode(Buffer.from(states.bytes).toString("utf8"));
    if (exitCode === null || notStarted.includes(exitCode)) throw sandboxError(words);
    // The shell's convention for death by a signal, which is how the limits of the kernel end it.
    const limit = exitCode > 128 ? "cpu-or-memory" : null;
    return { exitCode, limit, stdout: output.bytes, stderr: words };
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", abort);
  }
}

function command({ toolchain, program, args, bindings, input }: SandboxRequest) {
  return confinedCommand({
    ...{ tools: toolchain, program, args, bindings, statusFd: 3, environment: {} },
    data: { fd: 4, path: input.path },
    limits: [
      `--as=${sandboxLimits.addressSpaceBytes}`,
      `--cpu=${sandboxLimits.cpuSeconds}`,
      `--fsize=${sandboxLimits.stdoutBytesMax}`,
    ],
  });
}

/** bubblewrap tells the program's exit code only when it came so far as to start it. */
function confinedExitCode(status: string): number | null {
  const match = /"exit-code"\s*:\s*(\d+)/.exec(status);
  return match === null ? null : Number(match[1]);
}

function exit(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

/** A sandbox that failed early closes its end: its exit says why. */
function feed(stream: Writable, bytes: Uint8Array): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  });
  stream.end(bytes);
}

async function collect(stream: Readable, bytesMax: number, overflow: () => void) {
  const chunks: Buffer[] = [];
  let length = 0;
  let overflowed = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) {
      if (!overflowed) overflow();
      overflowed = true;
    } else {
      chunks.push(chunk);
    }
  }
  return { bytes: new Uint8Array(Buffer.concat(chunks)), overflowed };
}

function endedError(why: "wall" | "interrupted"): SchedcpError {
  if (why === "interrupted") {
    return new SchedcpError("interrupted", "compiling was interrupted", { hint: "Run it again." });
  }
  return new SchedcpError("busy", `the compiler took more than ${sandboxLimits.wallMs / 1000} s`, {
    hint: "The machine is busy or short of memory: try again when it is less so.",
  });
}

function sandboxError(words: string): SchedcpError {
  const said = words.trim().split("\n").at(-1) ?? "";
  return new SchedcpError("not-supported", `bubblewrap can't confine the compiler here: ${said}`, {
    hint:
      "It needs user namespaces or root with CAP_SYS_ADMIN. On Ubuntu 24.04 and later run " +
      "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root; in a container allow both. " +
      "A policy is never compiled unconfined.",
    details: { said },
  });
}
