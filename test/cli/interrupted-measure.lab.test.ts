// A measurement in the lab that ends before its time: asked to (Ctrl-C), it answers with what it has
// and leaves nothing behind; killed, its pairs are found by the next command.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { descendants, isAlive } from "../processes.ts";
import { commandLine, environmentIn } from "./command-line.ts";

const workload = `
name: brief
run:
  - { name: a, count: 2, command: "seq 1 20000 | gzip -9 > /dev/null" }
objective: { metric: makespan, direction: minimise }
measure: { warmUpSeconds: 0 }
`;

let directory: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-interrupted-"));
  writeFileSync(join(directory, "brief.yaml"), workload);
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

test("Ctrl-C: an incomplete measurement as the answer, kept, and no process left", async () => {
  const child = schedcpInLab("measure", join(directory, "brief.yaml"), "--pairs", "200", "--json");
  const answered = textOf(child);
  await toldOf(child, "pair 1:");
  const children = await vi.waitFor(() => {
    const found = descendants(child.pid ?? 0);
    expect(found.length).toBeGreaterThan(0);
    return found;
  }, 20_000);
  child.kill("SIGINT");
  const [exitCode] = await once(child, "close");
  expect(exitCode).toBe(1);
  const measurement = JSON.parse(await answered);
  expect(measurement).toMatchObject({ workload: "brief", complete: false });
  expect(measurement.pairs.length).toBeGreaterThanOrEqual(1);
  expect(children.filter(isAlive)).toEqual([]);
  expect(await history()).toMatchObject([{ id: measurement.id }]);
});

test("kill -9: the pairs that were told of are kept", async () => {
  const child = schedcpInLab("measure", join(directory, "brief.yaml"), "--pairs", "200");
  await toldOf(child, "pair 1:");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await history()).toMatchObject([{ summary: expect.stringMatching(/^unfinished: \d/) }]);
});

/** With the data folder of the test, and the lab's own cache: its image takes minutes to make. */
function schedcpInLab(...args: string[]): ChildProcess {
  const { SCHEDCP_CACHE_DIR: _own, ...environment } = environmentIn(directory);
  const cache = process.env.SCHEDCP_CACHE_DIR;
  const [program, given] = commandLine(args);
  const child = spawn(program, given, {
    env: { ...environment, ...(cache === undefined ? {} : { SCHEDCP_CACHE_DIR: cache }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return child;
}

async function history(): Promise<unknown> {
  const child = schedcpInLab("history", "--json");
  const text = await textOf(child);
  const document: { entries: unknown } = JSON.parse(text);
  return document.entries;
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, "close");
  return text;
}

/** Resolves when standard error has this; rejects with all of it when the process ends before. */
function toldOf(child: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(wanted)) resolve();
    });
    child.once("close", () => reject(new Error(`ended before "${wanted}":\n${text}`)));
  });
}
