// What doctor and setup ask of the machine they run on: files, programs, free space. Reads only;
// tests give a made-up one. Every program is run with a time limit and its output is bounded.

import { execFile } from "node:child_process";
import { access, constants, readdir, readFile, stat, statfs } from "node:fs/promises";
import { userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";

export interface ProgramOutput {
  /** 0 where it ended well; null where a signal or the time limit ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Machine {
  readonly userId: number;
  readonly userName: string;
  readonly architecture: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Null where it is missing or unreadable. */
  readText(path: string): Promise<string | null>;
  /** Names in a directory, sorted; none where it is missing. */
  list(path: string): Promise<string[]>;
  /** Path of a program on PATH or in the system's sbin directories; null where it is missing. */
  find(program: string): Promise<string | null>;
  run(program: string, args: readonly string[]): Promise<ProgramOutput>;
  /** Bytes that this user may still write at `path` (or would, once it is made); or why none. */
  freeBytes(path: string): Promise<number | { fault: string }>;
}

const programTimeoutMs = 60_000;
const outputBytesMax = 4 * 1024 * 1024;

export function thisMachine(): Machine {
  const environment = process.env;
  return {
    userId: process.getuid?.() ?? -1,
    userName: nameOfUser(),
    architecture: process.arch,
    environment,
    readText: (path) => readFile(path, "utf8").catch(() => null),
    list: (path) =>
      readdir(path).then(
        (names) => names.sort(),
        () => [],
      ),
    find: (program) => find(program, environment.PATH ?? ""),
    run,
    freeBytes,
  };
}

/** The account's name; its number where it has no entry (a container's user often has none). */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_SYSTEM_ERROR"))
      throw error;
    return String(process.getuid?.() ?? "");
  }
}

async function find(program: string, searchPath: string): Promise<string | null> {
  const directories = [...searchPath.split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  for (const directory of directories.filter((path) => path.startsWith("/"))) {
    const path = join(directory, program);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

function run(program: string, args: readonly string[]): Promise<ProgramOutput> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        timeout: programTimeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: outputBytesMax,
        env: { ...process.env, LC_ALL: "C" },
      },
      (error, stdout, stderr) => {
        const failed = error !== null && child.exitCode === null;
        const code = failed ? null : child.exitCode;
        resolve({ code, stdout, stderr: failed ? `${stderr}${error.message}` : stderr });
      },
    );
    child.stdin?.end();
  });
}

/** Of the directory, or of the nearest one above it that is there. */
async function freeBytes(path: string): Promise<number | { fault: string }> {
  for (let directory = path; ; directory = dirname(directory)) {
    try {
      if (!(await stat(directory)).isDirectory()) return { fault: `${directory} is no directory` };
      await access(directory, constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (error.code !== "ENOENT") return { fault: `${directory}: ${error.code}` };
      if (directory === dirname(directory)) return { fault: `no file system holds ${path}` };
    }
  }
}
