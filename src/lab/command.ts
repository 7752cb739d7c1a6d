// Runs a host program to its end for the lab's own work (building images and layers): output kept
// to a bounded tail, ended with everything it started when the signal fires or we die.

import { spawn } from "node:child_process";
import { SchedcpError } from "../contract/errors.ts";

const tailBytesMax = 64 * 1024;

export interface CommandOptions {
  signal?: AbortSignal | undefined;
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  /** Called for each line of standard error, for progress. */
  onLine?: (line: string) => void;
  timeoutMs?: number;
  input?: Uint8Array;
}

export interface CommandOutput {
  stdout: string;
  stderr: string;
}

/**
 * An ordinary user's stand-in for root, for what builds a system's tree: a user name space in which
 * he is root and his subordinate ids are its users (so the tree's files can belong to them). Such a
 * tree can be read, packed and removed in the like name space only.
 */
export function asTreeOwner(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() === 0) return [program, [...args]];
  const spaces = ["--user", "--map-auto", "--map-root-user", "--mount", "--pid", "--fork"];
  return ["unshare", [...spaces, "--mount-proc", "--kill-child", "--", program, ...args]];
}

/** Debian packages of the programs that the lab runs, for the remedy. */
const packages: Record<string, string> = {
  "qemu-system-x86_64": "qemu-system-x86",
  mmdebstrap: "mmdebstrap",
  mksquashfs: "squashfs-tools",
  unsquashfs: "squashfs-tools",
  bwrap: "bubblewrap",
  bpftool: "bpftool",
  zstd: "zstd",
  busybox: "busybox-static",
  setpriv: "util-linux",
  prlimit: "util-linux",
  flock: "util-linux",
  unshare: "util-linux",
};

export function missingProgram(program: string): SchedcpError {
  return new SchedcpError("missing-program", `the program ${program} is not installed`, {
    hint: `Run \`schedcp setup\`, or install the package ${packages[program] ?? program}.`,
    details: { program },
  });
}

/** With the system's directories on the PATH, where an ordinary user of Debian does not have them. */
function commandEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = [environment.PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"].filter(Boolean);
  return { ...environment, PATH: path.join(":"), LC_ALL: "C" };
}

/** Throws `missing-program` when it is not installed, `internal` with its last words when it fails. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: commandEnvironment(options.environment ?? process.env),
    });
    let stdout = "";
    let stderr = "";
    let partial = "";
    const end = () => {
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
      }
    };
    process.once("exit", end);
    options.signal?.addEventListener("abort", end, { once: true });
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(end, options.timeoutMs).unref();
    child.stdin?.end(options.input);
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout = (stdout + chunk).slice(-tailBytesMax);
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr = (stderr + chunk).slice(-tailBytesMax);
      if (options.onLine === undefined) return;
      const lines = (partial + chunk).slice(-tailBytesMax).split(/\r|\n/);
      partial = lines.pop() ?? "";
      for (const line of lines) options.onLine(line);
    });
    const finish = () => {
      clearTimeout(timer);
      process.removeListener("exit", end);
      options.signal?.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      finish();
      const absent = "code" in error && error.code === "ENOENT";
      reject(absent ? missingProgram(program) : error);
    });
    child.on("close", (code, signalName) => {
      finish();
      if (options.signal?.aborted) return reject(options.signal.reason);
      if (code === 0) return resolve({ stdout, stderr });
      const last = stderr.trim().split("\n").slice(-5).join("\n");
      reject(
        new SchedcpError("internal", `${program} ended with ${code ?? signalName}: ${last}`, {
          hint: "Run again with SCHEDCP_DEBUG=1 for the whole output.",
          details: { program, stderr: stderr.slice(-8192) },
        }),
      );
    });
  });
}
