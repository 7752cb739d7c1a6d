// Which clang compiles our BPF: one version of it with the llvm-strip of the same name.

import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

export const clangVersionMin = 17;

/** Majors that are looked for by name, the one that SchedCP is tested with first. */
export const clangVersions = [19, 20, 21, 22, 23, 24, 18, 17];

/** Names of the pair, the best first; the last carries no version and has to be asked for it. */
export const clangNames = [...clangVersions.map((version) => `-${version}`), ""].map((suffix) => ({
  clang: `clang${suffix}`,
  llvmStrip: `llvm-strip${suffix}`,
}));

export interface Clang {
  clang: string;
  llvmStrip: string;
}

/** The best pair on the PATH; null where there is none. */
export function findClang(path: string = process.env.PATH ?? ""): Clang | null {
  for (const names of clangNames) {
    const clang = find(names.clang, path);
    const llvmStrip = find(names.llvmStrip, path);
    if (clang === null || llvmStrip === null) continue;
    if (names.clang !== "clang" || versionOf(clang) >= clangVersionMin) return { clang, llvmStrip };
  }
  return null;
}

/** Major version of a clang whose name does not tell it; 0 where it says none. */
function versionOf(clang: string): number {
  const { stdout } = spawnSync(clang, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return Number(/clang version (\d+)/.exec(stdout ?? "")?.[1] ?? 0);
}

function find(program: string, path: string): string | null {
  for (const directory of path.split(":")) {
    const file = join(directory, program);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  return null;
}
