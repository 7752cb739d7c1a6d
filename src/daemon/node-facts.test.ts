import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeDescriptionSchema } from "../contract/node-protocol.ts";
import { daemonVersion, missingPrograms, readNodeFacts } from "./node-facts.ts";
import { SchedExt } from "./sched-ext.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-facts-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the daemon's version is the package's", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(JSON.parse(text).version).toBe(daemonVersion);
});

test("a description has digests of what is there, and null for what is not", async () => {
  writeFileSync(join(directory, "btf"), "btf");
  writeFileSync(join(directory, "boot_id"), "0-1-2\n");
  const facts = await readNodeFacts({
    btf: join(directory, "btf"),
    loader: join(directory, "none"),
    bootId: join(directory, "boot_id"),
  });
  expect(facts.btfSha256).toBe(createHash("sha256").update("btf").digest("hex"));
  expect(facts.loaderSha256).toBeNull();
  expect(facts.bootId).toBe("0-1-2");
  const schedExt = await new SchedExt(join(directory, "none")).read();
  expect(schedExt).toEqual({ state: "unsupported", ops: null, enableSeq: 0, events: {} });
  nodeDescriptionSchema.parse({ ...facts, schedExt });
});

test("a program is missing when it is no file that an ordinary user may execute", async () => {
  writeFileSync(join(directory, "tool"), "");
  chmodSync(join(directory, "tool"), 0o755);
  writeFileSync(join(directory, "roots"), "");
  chmodSync(join(directory, "roots"), 0o700);
  mkdirSync(join(directory, "folder"));
  const asked = ["tool", "roots", "folder", "none", "../tool", "."];
  const missing = await missingPrograms(asked, [join(directory, "nowhere"), directory]);
  expect(missing).toEqual(["roots", "folder", "none", "../tool", "."]);
});

test("sysfs is read as the kernel writes it", async () => {
  mkdirSync(join(directory, "root"));
  writeFileSync(join(directory, "state"), "enabled\n");
  writeFileSync(join(directory, "enable_seq"), "12\n");
  writeFileSync(join(directory, "root/ops"), "fifo\n");
  writeFileSync(join(directory, "root/events"), "SCX_EV_A 7\nSCX_EV_B 0\njunk\n");
  expect(await new SchedExt(directory).read()).toEqual({
    state: "enabled",
    ops: "fifo",
    enableSeq: 12,
    events: { SCX_EV_A: 7, SCX_EV_B: 0 },
  });
});
