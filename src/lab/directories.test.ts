import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDirectories } from "./directories.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-directories-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("makes what is missing, and is content with what is there", () => {
  const path = join(directory, "a/b/c");
  makeDirectories(path, 0o700);
  makeDirectories(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a path that can't be made is an error, not an endless search", () => {
  expect(() => makeDirectories("/proc/schedcp/deep/er")).toThrow(/ENOENT/);
  writeFileSync(join(directory, "file"), "");
  expect(() => makeDirectories(join(directory, "file"))).toThrow(/EEXIST/);
  expect(() => makeDirectories(join(directory, "file/x"))).toThrow(/ENOTDIR/);
});
