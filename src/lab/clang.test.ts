import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findClang } from "./clang.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-clang-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function program(name: string, says: string): void {
  const file = join(directory, "bin", name);
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
}

it("takes the version that is tested first, with its own llvm-strip", () => {
  for (const version of [17, 19, 20]) program(`clang-${version}`, "");
  for (const version of [17, 19, 20]) program(`llvm-strip-${version}`, "");
  const bin = join(directory, "bin");
  expect(findClang(bin)).toEqual({
    clang: join(bin, "clang-19"),
    llvmStrip: join(bin, "llvm-strip-19"),
  });
});

it("passes over a clang whose llvm-strip is of another version", () => {
  for (const name of ["clang-19", "llvm-strip", "llvm-strip-14"]) program(name, "");
  const bin = join(directory, "bin");
  expect(findClang(bin)).toBeNull();
  for (const name of ["clang-18", "llvm-strip-18"]) program(name, "");
  expect(findClang(bin)?.clang).toBe(join(bin, "clang-18"));
});

it.each([
  ["Debian clang version 14.0.6", false],
  ["Ubuntu clang version 18.1.3 (1)", true],
  ["no clang at all", false],
])("asks one without a version in its name: %s", (says, taken) => {
  program("clang", says);
  program("llvm-strip", "");
  expect(findClang(`/nowhere:${join(directory, "bin")}`) !== null).toBe(taken);
});
