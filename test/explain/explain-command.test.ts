// `schedcp explain` as a user runs it: a file, standard input, an id; what is printed, written and refused.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explanationSchema } from "../../src/contract/explanation.ts";
import { limits } from "../../src/contract/limits.ts";
import type { Finding } from "../../src/contract/verdict.ts";
import { openStore } from "../../src/control/repository/store.ts";
import { storePath } from "../../src/control/repository/store-file.ts";
import { commandLine, environmentIn, type Outcome, schedcp } from "../cli/command-line.ts";

const dump = new URL("./dumps/rt-local.dump.txt", import.meta.url).pathname;
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-explain-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function fed(input: Buffer, ...args: string[]): Promise<Outcome> {
  const [program, given] = commandLine(["explain", "-", ...args]);
  const child = spawn(program, given, { env: environmentIn(directory) });
  const outcome: Outcome = { exitCode: null, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    outcome.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    outcome.stderr += chunk.toString();
  });
  // It may have read enough before everything is sent.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  [outcome.exitCode] = await once(child, "close");
  return outcome;
}

test("a file: words for a person, one document with --json", async () => {
  const text = await schedcp(directory, "explain", dump);
  expect(text).toMatchObject({ exitCode: 0, stderr: "" });
  expect(text.stdout).toContain("a real-time task, not the scheduler");
  expect(text.stdout).toContain(`schedcp explain ${dump} --scenario again.json`);
  const json = await schedcp(directory, "explain", dump, "--json");
  const explanation = explanationSchema.parse(JSON.parse(json.stdout));
  expect(explanation).toMatchObject({
    kind: "exit",
    cause: "stall/real-time-task",
    blame: "real-time-task",
  });
});

test("standard input, in any encoding, with control characters in it", async () => {
  const name = Buffer.from([0x66, 0xff, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x07]);
  const words = Buffer.from(
    'sched_ext: BPF scheduler "x" disabled (scx_bpf_error)\nsched_ext: x: no ',
  );
  const { exitCode, stdout } = await fed(Buffer.concat([words, name, Buffer.from("\n")]));
  expect(exitCode).toBe(0);
  expect(stdout).toContain("error/own-error");
  expect(stdout).not.toMatch(/[\u0007\u001b]/);
});

test("the scenario is written, and nothing over the text", async () => {
  const path = join(directory, "again.json");
  const written = await schedcp(directory, "explain", dump, "--scenario", path);
  expect(written.stdout).toContain(`schedcp simulate POLICY --scenario ${path}`);
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ name: "explain-real-time" });
  const copy = join(directory, "dump.txt");
  writeFileSync(copy, readFileSync(dump));
  const refused = await schedcp(directory, "explain", copy, "--scenario", copy);
  expect(refused.exitCode).toBe(2);
  expect(readFileSync(copy, "utf8")).toBe(readFileSync(dump, "utf8"));
});

test("an id of the history", async () => {
  const store = await openStore(storePath(environmentIn(directory)));
  const finding: Finding = {
    rule: "load/stack",
    severity: "error",
    message: "too much stack",
    hint: "Use a map.",
  };
  const policy = { name: "trial", sourceSha256: "0".repeat(64), parameters: {} };
  const id = await store.saveVerdict(
    { verdict: "reject", policy, stages: [], findings: [finding], evidence: {} },
    { workload: null, at: new Date(0) },
  );
  await store.close();
  const found = await schedcp(directory, "explain", id, "--json");
  expect(found.exitCode).toBe(0);
  expect(JSON.parse(found.stdout)).toMatchObject({ kind: "verdict", cause: "load/stack" });
  const missing = await schedcp(directory, "explain", "verdict-20261122224501-1f3a9c04", "--json");
  expect(missing.exitCode).toBe(2);
  expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: "not-found" } });
});

test.each([
  ["policies/fifo/policy.bpf.c", "is a policy", "schedcp verify policies/fifo/policy.bpf.c"],
  ["./no-such-dump.txt", "no such file", "schedcp history"],
  ["README.md", "nothing in README.md tells", "DEBUG DUMP"],
])("%s is refused with what to do instead", async (given, message, hint) => {
  const { exitCode, stdout } = await schedcp(directory, "explain", given, "--json");
  expect(exitCode).toBe(2);
  const told = { message: expect.stringContaining(message), hint: expect.stringContaining(hint) };
  expect(JSON.parse(stdout)).toMatchObject({ error: told });
});

test("more than is read is an error that names the limit", async () => {
  const { exitCode, stdout } = await fed(
    Buffer.alloc(limits.explainedBytesMax + 1, 0x20),
    "--json",
  );
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: "limit-exceeded",
      hint: expect.stringContaining(String(limits.explainedBytesMax)),
    },
  });
});
