import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Cache, digestOf } from "./cache.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "schedcp-cache-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("lists that join to the same text have different digests", () => {
  expect(digestOf(["ab", "c"])).not.toBe(digestOf(["a", "bc"]));
  expect(digestOf(["ab", "c"])).toBe(digestOf(["ab", Buffer.from("c")]));
});

test("of many who want an entry, one makes it", async () => {
  const cache = new Cache(root);
  let made = 0;
  const make = async (directory: string) => {
    made += 1;
    await writeFile(join(directory, "file"), "whole");
  };
  const paths = await Promise.all([1, 2, 3, 4].map(() => cache.entry("kind", "k", make)));
  expect(made).toBe(1);
  expect(new Set(paths).size).toBe(1);
  expect(await readFile(join(paths[0] ?? "", "file"), "utf8")).toBe("whole");
});

test("a maker that fails leaves nothing, and the next one can make it", async () => {
  const cache = new Cache(root);
  const fails = cache.entry("kind", "k", async (directory) => {
    await writeFile(join(directory, "half"), "");
    throw new Error("half way");
  });
  await expect(fails).rejects.toThrow("half way");
  expect(readdirSync(join(root, "tmp"))).toEqual([]);
  await cache.entry("kind", "k", async () => undefined);
});

test("a full disk is an error that says so", async () => {
  const full = Object.assign(new Error("write"), { code: "ENOSPC" });
  const entry = new Cache(root).entry("kind", "k", () => Promise.reject(full));
  await expect(entry).rejects.toMatchObject({ code: "no-space" });
});

test("what dead processes left is swept, what living ones hold is not", async () => {
  const cache = new Cache(root);
  const mine = await cache.temporary();
  // Process 1 lives, but did not start at tick 1: its number was used again.
  for (const name of ["999999999-1-1", "1-1-1"]) mkdirSync(join(root, "tmp", name));
  expect(await cache.sweep()).toBe(2);
  expect(existsSync(mine)).toBe(true);
});

test("a dead process's lock is taken over", async () => {
  mkdirSync(join(root, "locks"));
  writeFileSync(join(root, "locks", "name"), "999999999-1");
  const release = await new Cache(root).lock("name");
  await release();
  expect(existsSync(join(root, "locks", "name"))).toBe(false);
});
