import { spawn } from "node:child_process";
import { once } from "node:events";
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

test("a lock is held by one at a time, and waiting for it can be given up", async () => {
  const cache = new Cache(root);
  const release = await cache.lock("name");
  const impatient = new AbortController();
  const waiting = cache.lock("name", impatient.signal);
  impatient.abort(new Error("no longer wanted"));
  await expect(waiting).rejects.toThrow("no longer wanted");
  let inside = 0;
  let most = 0;
  const visits = Array.from({ length: 8 }, async () => {
    const leave = await cache.lock("name");
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    await leave();
  });
  expect(most).toBe(0);
  await release();
  await Promise.all(visits);
  expect(most).toBe(1);
});

test("a lock is free once its holder was killed", async () => {
  const code = `import { Cache } from ${JSON.stringify(join(import.meta.dirname, "cache.ts"))};
    await new Cache(${JSON.stringify(root)}).lock("name");
    console.log("held");
    setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  holder.kill("SIGKILL");
  const release = await new Cache(root).lock("name");
  await release();
});

test("a cache that is no directory is an error that names it", async () => {
  writeFileSync(join(root, "file"), "");
  const lock = new Cache(join(root, "file")).lock("name");
  await expect(lock).rejects.toMatchObject({ code: "file-unreadable" });
});
