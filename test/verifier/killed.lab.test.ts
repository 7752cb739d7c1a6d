// The verifier killed in the middle of a stage: no process, no guest and no file of it stays, and nothing
// was signed or stored.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { openStore, type Store } from "../../src/control/repository/store.ts";
import { cacheRoot } from "../../src/lab/cache.ts";
import { openLab } from "../../src/lab/lab.ts";
import { commandLine } from "../cli/command-line.ts";
import { commandOf, descendants, isAlive } from "../processes.ts";

let directory: string;
let child: ChildProcess | undefined;
let store: Store | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-killed-"));
});

afterEach(async () => {
  child?.kill("SIGKILL");
  await store?.close();
  rmSync(directory, { recursive: true });
});

test.each([
  ["while it compiles", /clang/],
  ["while it simulates", /judge-main/],
  ["while a guest runs", /qemu-system/],
])(
  "%s",
  async (_, running) => {
    const [program, given] = commandLine(["verify", "policies/fifo/policy.bpf.c", "--json"]);
    const env = { ...process.env, SCHEDCP_DATA_DIR: directory };
    child = spawn(program, given, { env, stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const pid = child.pid ?? 0;
    const below = await vi.waitFor(
      () => {
        const found = descendants(pid);
        expect(found.map(commandOf)).toContainEqual(expect.stringMatching(running));
        return found;
      },
      { timeout: 60_000, interval: 20 },
    );
    child.kill("SIGKILL");
    await once(child, "close");

    await vi.waitFor(() => expect(below.filter(isAlive).map(commandOf)).toEqual([]), 10_000);
    // The next start sweeps what was under way.
    await (await openLab({ mayBuild: false })).close();
    const left = readdirSync(join(cacheRoot(), "tmp")).filter((name) => name.startsWith(`${pid}-`));
    expect(left).toEqual([]);
    expect(printed).toBe("");
    store = await openStore(join(directory, "schedcp.db"));
    expect(await store.history({ limit: 10 })).toEqual([]);
  },
  120_000,
);
