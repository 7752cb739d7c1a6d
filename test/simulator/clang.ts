// Compiles small C sources for tests of the simulator's object reader and machine. What is missing is
// said in the name of the skipped test.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const clang = ["clang-19", "clang"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

/** For `test.skipIf(missing !== null)`. */
export const missing = clang === undefined ? "clang" : null;
export const withClang = (name: string) => (missing === null ? name : `${name} (needs ${missing})`);

function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "schedcp-clang-"));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A BPF object with BTF. */
export function compileBpf(source: string, cpu = "v3", flags: readonly string[] = []): Uint8Array {
  return inDirectory((directory) => {
    const [input, output] = [join(directory, "test.bpf.c"), join(directory, "test.o")];
    writeFileSync(input, source);
    const target = ["-g", "-O2", "-std=gnu11", "-target", "bpf", `-mcpu=${cpu}`, "-Wno-everything"];
    execFileSync(clang ?? "", [...target, ...flags, "-c", input, "-o", output]);
    return new Uint8Array(readFileSync(output));
  });
}

/** Compiles for this machine and answers what the program prints. */
export function runNatively(source: string): string {
  return inDirectory((directory) => {
    const [input, output] = [join(directory, "test.c"), join(directory, "test")];
    writeFileSync(input, source);
    execFileSync(clang ?? "", [
      "-O1",
      "-std=gnu11",
      "-fwrapv",
      "-Wno-everything",
      input,
      "-o",
      output,
    ]);
    return execFileSync(output, { encoding: "utf8" });
  });
}
