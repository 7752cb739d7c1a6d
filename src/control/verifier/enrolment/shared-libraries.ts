// The shared libraries that a program needs, as the dynamic linker finds them on this host. The program
// is data to it (`--list`), and the linker reads it confined: with the system's libraries and nothing
// else of the host, no network, no rights. Called by enrol.ts and known-binary.ts.

import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { SchedcpError } from "../../../contract/errors.ts";
import { limits } from "../../../contract/limits.ts";
import type { HostFile } from "../../../contract/node.ts";
import { fileDigest } from "../../../lab/cache.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import { runConfined, type SandboxResult } from "../../confinement/compiler-sandbox.ts";
import { type Binding, findConfiner, sharedLibraries } from "../../confinement/toolchain.ts";
import type { BinaryFile } from "./binary-file.ts";

/** Of glibc on x86-64 (its ABI). */
const linker = "/lib64/ld-linux-x86-64.so.2";
/** Where a system's libraries are; those elsewhere are not found, and that is said. */
const directories = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
const linkerCache = "/etc/ld.so.cache";
/** What `--verify` answers of a program that has no dynamic section. */
const isStatic = 1;

/** Where the linker sees the program. */
const shown = "/program";

/** None of a static program. Throws `policy-invalid` where some are missing. */
export async function librariesOf(
  file: BinaryFile,
  signal: AbortSignal | undefined,
): Promise<HostFile[]> {
  const { path } = file;
  const verified = await askLinker("--verify", file, signal);
  if (verified.exitCode === isStatic) return [];
  const listed = await askLinker("--list", file, signal);
  if (listed.exitCode !== 0) throw unusable(path, listed.stderr);
  const libraries = sharedLibraries(Buffer.from(listed.stdout).toString("utf8"));
  if (libraries.length > limits.binaryLibrariesMax) {
    throw tooMuch(`${path} needs ${libraries.length} libraries`);
  }
  return Promise.all(libraries.map(libraryFile));
}

/** What the linker said is data: nothing but a library of the system is taken. */
async function libraryFile(path: string): Promise<HostFile> {
  const places = [path, await realpath(path)];
  if (
    !places.every((place) => directories.some((directory) => place.startsWith(`${directory}/`)))
  ) {
    throw new SchedcpError(
      "policy-invalid",
      `${escapedTail(path, 256)} is no library of the system`,
      {
        hint: `Libraries are taken from ${directories.join(", ")}.`,
      },
    );
  }
  const { size } = await stat(path);
  if (size > limits.binaryBytesMax) throw tooMuch(`${path} has ${size} bytes`);
  return { path, sha256: await fileDigest(path) };
}

async function askLinker(
  option: "--verify" | "--list",
  { path, bytes }: BinaryFile,
  signal: AbortSignal | undefined,
): Promise<SandboxResult> {
  if (!existsSync(linker)) {
    throw new SchedcpError("not-supported", `this host has no ${linker}`, {
      hint: "Programs are enrolled on x86-64 hosts with glibc.",
    });
  }
  const bindings: Binding[] = [];
  for (const target of [...directories, linkerCache].filter(existsSync)) {
    bindings.push({ source: await realpath(target), target });
  }
  try {
    return await runConfined({
      toolchain: await findConfiner(),
      program: {
        path: linker,
        bindings: [{ source: await realpath(linker), target: linker }],
        libraryDirectories: [],
      },
      args: [option, shown],
      input: { path: shown, bytes },
      ...{ bindings, signal },
    });
  } catch (error) {
    // Where it can't load what it is given, it ends like a program that could not be started.
    const said = error instanceof SchedcpError ? String(error.details?.said) : "";
    if (!said.startsWith(`${shown}: `)) throw error;
    throw unusable(path, said);
  }
}

/** `said`: the linker's words, such as the name of a library that is missing. */
function unusable(path: string, said: string): SchedcpError {
  const words = escapedTail(said.slice(said.indexOf(": ") + 2), 300);
  return new SchedcpError("policy-invalid", `${path} can't be loaded: ${words}`, {
    hint: "Install the packages of the libraries that it needs on this host, or build it here.",
  });
}

function tooMuch(message: string): SchedcpError {
  return new SchedcpError("limit-exceeded", message, {
    hint: `At most ${limits.binaryLibrariesMax} libraries of ${limits.binaryBytesMax} bytes each are put into a guest.`,
  });
}
