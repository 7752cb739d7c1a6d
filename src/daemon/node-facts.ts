// What this node is: kernel, CPUs, memory, digests of its BTF and its loader, and which programs its
// workload user can find. Read once at the start, so that asking costs nothing later.

import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { type NodeDescription, protocolVersion } from "../contract/node-protocol.ts";

/** Same as in package.json, which is not in a guest; a test holds them together. */
export const daemonVersion = "0.1.0";

/** PATH that the runner gives every task. */
export const workloadPath = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

export type NodeFacts = Omit<NodeDescription, "schedExt">;

export interface NodeFactsPaths {
  btf: string;
  loader: string;
  bootId: string;
}

export async function readNodeFacts(paths: NodeFactsPaths): Promise<NodeFacts> {
  return {
    protocol: protocolVersion,
    daemonVersion,
    kernel: release(),
    cpus: cpus().length,
    memoryMib: Math.floor(totalmem() / 2 ** 20),
    btfSha256: await digest(paths.btf),
    loaderSha256: await digest(paths.loader),
    bootId: (await readFile(paths.bootId, "utf8")).trim(),
  };
}

/** Those that are not on the path as something that an ordinary user may execute. */
export async function missingPrograms(
  programs: readonly string[],
  path: readonly string[],
): Promise<string[]> {
  const missing: string[] = [];
  for (const program of programs) {
    const found = await Promise.all(path.map((directory) => isProgram(directory, program)));
    if (!found.includes(true)) missing.push(program);
  }
  return missing;
}

async function isProgram(directory: string, program: string): Promise<boolean> {
  if (!/^[A-Za-z0-9._+-]+$/.test(program)) return false;
  try {
    const file = await stat(join(directory, program));
    return file.isFile() && (file.mode & 0o001) !== 0;
  } catch (thrown) {
    if (isAbsent(thrown)) return false;
    throw thrown;
  }
}

/** Null where there is no such file. */
async function digest(path: string): Promise<string | null> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
}

function isAbsent(thrown: unknown): boolean {
  const { code } = thrown as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
