// The command line's grammar, exit codes and documents, in real processes. What needs the lab is in
// the lab's tests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandTable } from "../../src/cli/command-table.ts";
import { commandLine, environmentIn, schedcp, schedcpOnTerminal } from "./command-line.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-cli-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("help", () => {
  test("of the whole and of every command, as its golden file has it", async () => {
    const lines = commandTable.flatMap((spec) => [
      [spec.name],
      ...(spec.commands ?? []).map((sub) => [spec.name, sub.name]),
    ]);
    const texts = [];
    for (const words of [[], ...lines]) {
      const { exitCode, stdout, stderr } = await schedcp(directory, ...words, "--help");
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      texts.push(stdout.trimEnd());
    }
    await expect(`${texts.join("\n\n────\n\n")}\n`).toMatchFileSnapshot("./help.golden.txt");
  }, 60_000);
});

describe("wrong usage exits with 2 and says what was meant", () => {
  test.each([
    [["mesure", "compression"], "unknown command", "Did you mean measure?"],
    [["measure", "compression", "--polcy", "fifo"], "unknown option", "Did you mean --policy?"],
    [["measure"], "missing required argument", "schedcp measure --help"],
    [["measure", "a", "b"], "too many arguments", "schedcp measure --help"],
    [
      ["measure", "compression", "--pairs", "many"],
      "Give a whole number",
      "schedcp measure --help",
    ],
    [["policies", "lst"], "unknown command", "Did you mean list?"],
    [[], "no command", "schedcp --help"],
    [["measure", "compresion"], "no ready workload", "Did you mean compression?"],
    [["measure", "./no-such.yaml"], "no-such.yaml", "workload"],
    [["verify", "./no-such.c"], "no-such.c", "policies list"],
    [["verify", "--binary", "./no-such"], "no-such", ".cargo/bin/scx_bpfland"],
    [["verify", "--binary", "x", "--set", "slice_us=1"], "neither --set", "without arguments"],
    [["scx", "enrol", "./no-such"], "no-such", ".cargo/bin/scx_bpfland"],
    [["measure", "compression", "--set", "x"], "knob=value", "--set slice_us=4000"],
    [["history", "no-such-id"], "no-such-id", "schedcp history"],
    [["optimize", "compression", "--budget", "1"], "1 seconds", "30 to"],
    [
      ["simulate", "fifo", "--trace", "./x.html", "--gantt", "x.html"],
      "--gantt x.html is the same file as --trace",
      "a path of its own",
    ],
    [
      ["simulate", "./p.bpf.c", "--trace", "./p.bpf.c"],
      "same file as the policy",
      "a path of its own",
    ],
    [["simulate"], "missing required argument", "schedcp simulate --help"],
    [["simulate", "fifi"], "fifi", "Did you mean fifo?"],
    [["simulate", "./no-such.c"], "no-such.c", "policies list"],
    [["simulate", "fifo", "--cpus", "0"], "0 CPUs", "--cpus 1 to 1024"],
    [["simulate", "fifo", "--cpus", "two"], "Give a whole number", "schedcp simulate --help"],
    [["simulate", "fifo", "--topology", "8y"], "topology", "2x4x2 (caches x cores x threads)"],
    [["simulate", "fifo", "--topology", "2x4", "--cpus", "4"], "8 CPUs", "one of them"],
    [["simulate", "fifo", "--seed", "4294967296"], "seed of 4294967296", "4294967295"],
    [
      ["simulate", "fifo", "--workload", "compresion"],
      "ready workload",
      "Did you mean compression?",
    ],
    [["simulate", "fifo", "--gantt", "chart.png"], "chart.png", ".html or .svg"],
    [["simulate", "fifo", "--trace", "/no/such/trace.json"], "/no/such/trace.json", "directory"],
    [["simulate", "fifo", "--scenario", "no-such.json"], "no-such.json", "simulate --json"],
    [["simulate", "fifo", "--scenario", "a.json", "--cpus", "2"], "exclude each other", "--cpus"],
    [["simulate", "fifo", "--profile", "a.json"], "without --workload", "name that workload"],
    [["simulate", "weighted-vtime", "--set", "slise_us=1"], "slise_us", "Did you mean slice_us?"],
  ])("%j", async (args, message, hint) => {
    const text = await schedcp(directory, ...args);
    expect(text.exitCode).toBe(2);
    expect(text.stdout).toBe("");
    expect(text.stderr).toContain(message);

    const { exitCode, stdout } = await schedcp(directory, ...args, "--json");
    expect(exitCode).toBe(2);
    const document: unknown = JSON.parse(stdout);
    const told = { message: expect.stringContaining(message), hint: expect.stringContaining(hint) };
    expect(document).toMatchObject({ error: told });
  });
});

test.each([
  [["measure", "compression", "--node", "local"], "lab"],
  [["optimize", "compression", "--planner", "oracle"], "heuristic"],
  [["profile", "compression"], "schedcp setup"],
  [["simulate", "fifo"], "schedcp setup"],
])("%j needs what is not there: 3, with what there is", async (args, hint) => {
  const { exitCode, stdout } = await schedcp(directory, ...args, "--json");
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ error: { hint: expect.stringContaining(hint) } });
});

test("an empty history is one JSON document, and a sentence", async () => {
  const json = await schedcp(directory, "history", "--json");
  expect({ ...json, stdout: JSON.parse(json.stdout) }).toEqual({
    exitCode: 0,
    stdout: { entries: [] },
    stderr: "",
  });
  expect((await schedcp(directory, "history")).stdout).toContain("schedcp start");
});

test("the library is listed, searched and shown", async () => {
  const list = await schedcp(directory, "policies", "list", "--json");
  expect(JSON.parse(list.stdout)).toMatchObject({
    policies: expect.arrayContaining([expect.objectContaining({ name: "fifo" })]),
  });
  const shown = await schedcp(directory, "policies", "show", "fifo");
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Typical use") });
  const source = await schedcp(directory, "policies", "show", "fifo", "--source");
  expect(source.stdout).toContain("SCX_OPS_DEFINE");
});

test("colours only on a terminal, and none with NO_COLOR", async () => {
  expect((await schedcp(directory, "mesure")).stderr).not.toContain("\u001b[");
  expect((await schedcpOnTerminal(directory, "mesure", {})).stdout).toContain("\u001b[31m");
  const refused = await schedcpOnTerminal(directory, "mesure", { NO_COLOR: "1" });
  expect(refused.stdout).toContain("unknown command");
  expect(refused.stdout).not.toContain("\u001b[31m");
});

test("control characters of a file do not reach the terminal", async () => {
  const path = join(directory, "evil\u001b[31m.yaml");
  writeFileSync(path, "nam\u0007e: x\n");
  const { exitCode, stderr } = await schedcp(directory, "measure", path);
  expect(exitCode).toBe(2);
  expect(stderr).not.toMatch(/[\u0007\u001b]/);
});

test("a reader that goes away is no fault", async () => {
  const [program, args] = commandLine(["policies", "show", "fifo", "--source"]);
  const child = spawn(program, args, { env: environmentIn(directory) });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(child, "close");
  expect(stderr).toBe("");
});

test("asked to end, the MCP server ends", async () => {
  const [program, args] = commandLine(["mcp"]);
  const child = spawn(program, args, { env: environmentIn(directory) });
  child.stdin.write(
    `${JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "t", version: "0" },
      },
    })}\n`,
  );
  await once(child.stdout, "data");
  child.kill("SIGINT");
  const [exitCode] = await once(child, "close");
  expect(exitCode).toBe(0);
});
