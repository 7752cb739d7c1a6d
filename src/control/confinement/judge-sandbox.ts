// Starts the confined process that reads, analyses and simulates objects of anybody (judge-main.ts): a
// Node inside bubblewrap that sees itself, our code and nothing else. Called by confined-judge.ts.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rulesVersion } from "../verifier/rules-version.ts";
import { confinedCommand } from "./bubblewrap.ts";
import { type Binding, confinedProgram, findConfiner } from "./toolchain.ts";

/** JavaScript heap, MiB; a policy's own memory has a limit of its own (simulator/runtime). */
export const heapMibMax = 1024;
/**
 * All writable memory of the process, touched or not. Each policy's sandbox counts as 1.9 GiB, and those
 * that the garbage collector has not come to yet count, too; what a policy may touch is bounded below.
 */
const dataBytesMax = 16 * 1024 ** 3;

/** The same file as this one is: TypeScript in a checkout, JavaScript in the package. */
const isSource = import.meta.url.endsWith(".ts");
const entry = fileURLToPath(
  new URL(isSource ? "./judge-main.ts" : "./judge-main.js", import.meta.url),
);
const root = fileURLToPath(new URL("../../..", import.meta.url));

export function startJudge(): Promise<ChildProcess> {
  return startConfined([entry]);
}

/** A Node with these arguments. Its standard streams are its only ways to the outside. */
export async function startConfined(nodeArguments: readonly string[]): Promise<ChildProcess> {
  const [tools, node, compiled] = await Promise.all([
    findConfiner(),
    confinedProgram(process.execPath, "node"),
    compileCache(),
  ]);
  const heap = `--max-old-space-size=${heapMibMax}`;
  const [program, args] = confinedCommand({
    ...{ tools, program: node },
    args: ["--disable-warning=ExperimentalWarning", heap, ...nodeArguments],
    bindings: [...ownCode(), ...(compiled === null ? [] : [bound(compiled)])],
    environment: compiled === null ? {} : { NODE_COMPILE_CACHE: compiled },
    limits: [`--data=${dataBytesMax}`],
  });
  return spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: {}, detached: true });
}

/** In the published package its own packages lie beside it. */
function ownCode(): Binding[] {
  const names = ["package.json", isSource ? "src" : "dist", "node_modules", "../../node_modules"];
  const inPackage = root.endsWith("/node_modules/schedcp/");
  const paths = names
    .filter((name) => inPackage || !name.startsWith(".."))
    .map((name) => join(root, name));
  return paths.filter((path) => existsSync(path)).map(bound);
}

function bound(path: string): Binding {
  return { source: path, target: path };
}

/**
 * Compiled code halves the start. The confined process may not write it (what it wrote would run in the
 * next one), so it is written once a version by a process that gets nothing to read.
 */
async function compileCache(): Promise<string | null> {
  const directory = process.env.NODE_COMPILE_CACHE;
  if (directory === undefined || directory === "") return null;
  const written = join(
    dirname(directory),
    "compiled-judges",
    `${process.version}-${rulesVersion()}`,
  );
  if (!existsSync(written)) {
    const args = ["--disable-warning=ExperimentalWarning", entry, "--compile-only"];
    await promisify(execFile)(process.execPath, args, { env: { NODE_COMPILE_CACHE: directory } });
    await mkdir(dirname(written), { recursive: true });
    await writeFile(written, "");
  }
  return directory;
}
