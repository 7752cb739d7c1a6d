// What confined programs need of the host: bubblewrap and what goes with it; of a program, its shared
// libraries; of the compiler, clang, llvm-strip and libbpf's BPF-side headers. Called by compile.ts and
// judge-sandbox.ts.

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { SchedcpError } from "../../contract/errors.ts";
import { findClang } from "../../lab/clang.ts";

/** A host file and where the sandbox shows it. */
export interface Binding {
  source: string;
  target: string;
}

/** A program, its shared libraries and the directories that these are in. */
export interface ConfinedProgram {
  path: string;
  bindings: Binding[];
  libraryDirectories: string[];
}

/** The programs that confine others. */
export interface Confiner {
  bwrap: string;
  prlimit: string;
  /** Drops root inside the sandbox; null where we are not root, or only in a user namespace of our own. */
  setpriv: ConfinedProgram | null;
}

export interface Toolchain extends Confiner {
  clang: ConfinedProgram;
  llvmStrip: ConfinedProgram;
  /** libbpf's headers for BPF programs, each below /libbpf/bpf. */
  headers: Binding[];
}

const headerNames = [
  "bpf_helpers.h",
  "bpf_helper_defs.h",
  "bpf_core_read.h",
  "bpf_tracing.h",
  "bpf_endian.h",
];
const headerDirectories = ["/usr/include/bpf", "/usr/local/include/bpf"];
const lddTimeoutMs = 10_000;

/** Throws `missing-program`, naming the package. `path` is searched for programs. */
export async function findToolchain(path: string = process.env.PATH ?? ""): Promise<Toolchain> {
  const tools = findClang(path);
  if (tools === null) throw missing("clang 17 or newer with llvm-strip", "clang-19 llvm-19");
  return {
    ...(await findConfiner(path)),
    clang: await confinedProgram(tools.clang, "clang", path),
    llvmStrip: await confinedProgram(tools.llvmStrip, "llvm-strip", path),
    headers: libbpfHeaders(),
  };
}

let shared: Promise<Toolchain> | undefined;

/** Found once a process; what was missing may be there the next time. */
export function sharedToolchain(): Promise<Toolchain> {
  shared ??= findToolchain().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

/** What files are there, by size and time: another compiler makes another object. */
export function identityOf(files: readonly Binding[]): Promise<string[]> {
  return Promise.all(
    files.map(async ({ source }) => {
      const { size, mtimeMs } = await stat(source);
      return `${source} ${size} ${mtimeMs}`;
    }),
  );
}

/** Throws `missing-program`, naming the package. */
export async function findConfiner(path: string = process.env.PATH ?? ""): Promise<Confiner> {
  const bwrap = programOnPath("bwrap", "bubblewrap", path);
  const prlimit = programOnPath("prlimit", "util-linux", path);
  const isRoot = process.getuid?.() === 0 && mapsUser(await readFile("/proc/self/uid_map", "utf8"));
  const setpriv = isRoot ? programOnPath("setpriv", "util-linux", path) : null;
  return {
    ...{ bwrap, prlimit },
    setpriv: setpriv === null ? null : await confinedProgram(setpriv, "setpriv", path),
  };
}

/** `name`: under which it runs. */
export async function confinedProgram(
  program: string,
  name: string,
  searched: string = process.env.PATH ?? "",
): Promise<ConfinedProgram> {
  const ldd = programOnPath("ldd", "libc-bin", searched);
  const file = await realpath(program);
  // Its libraries are found relative to its real path; what it does goes by its name (llvm-strip is
  // one file with llvm-objcopy).
  const path = join(dirname(file), name);
  const { stdout } = await promisify(execFile)(ldd, [file], {
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    timeout: lddTimeoutMs,
  });
  const libraries = sharedLibraries(stdout);
  const bindings = await Promise.all(
    libraries.map(async (target) => ({ source: await realpath(target), target })),
  );
  return {
    path,
    bindings: [{ source: file, target: path }, ...bindings],
    libraryDirectories: [...new Set(libraries.map((library) => dirname(library)))],
  };
}

/** The user that the compiler runs as, where we are root. */
export const unprivilegedUser = 65534;

/** Whether this user namespace has that user: lines of `inside outside count`. */
export function mapsUser(uidMap: string): boolean {
  return uidMap.split("\n").some((line) => {
    const [inside = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return inside <= unprivilegedUser && unprivilegedUser < inside + count;
  });
}

/** Absolute paths in the output of ldd: `name => /path (0x…)`, or `/path (0x…)` for the loader. */
export function sharedLibraries(lddOutput: string): string[] {
  const paths = lddOutput.split("\n").flatMap((line) => {
    const match = /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line);
    return match?.[1] === undefined ? [] : [normalize(match[1])];
  });
  return [...new Set(paths)];
}

function libbpfHeaders(): Binding[] {
  const directory = headerDirectories.find((candidate) =>
    headerNames.every((name) => isThere(join(candidate, name), constants.R_OK)),
  );
  if (directory === undefined) throw missing("libbpf's headers", "libbpf-dev");
  return headerNames.map((name) => ({
    source: join(directory, name),
    target: `/libbpf/bpf/${name}`,
  }));
}

function programOnPath(program: string, debianPackage: string, path: string): string {
  for (const directory of path.split(":")) {
    const file = join(directory, program);
    if (directory !== "" && isThere(file, constants.X_OK)) return file;
  }
  throw missing(program, debianPackage);
}

function isThere(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

function missing(what: string, packages: string): SchedcpError {
  return new SchedcpError("missing-program", `${what} is needed to compile a policy`, {
    hint: `Run \`schedcp setup\`, or \`apt-get install ${packages}\`.`,
    details: { packages },
  });
}
