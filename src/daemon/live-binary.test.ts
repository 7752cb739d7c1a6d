// What a live program's watch makes of what the kernel says and of how its processes end. The program
// and the kernel's files are this test's: each order of events can be had. On a real kernel: test/verifier.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { Deployment } from "./deployment.ts";
import { KernelLog } from "./kernel-log.ts";
import { LiveBinary, type WatchedProcess } from "./live-binary.ts";
import { SchedExt } from "./sched-ext.ts";

const ops = "own_1.2.3";
let nowMs = 0;
const clock: Clock = {
  nowMs: () => nowMs,
  sleep: async (ms) => {
    // A limit of seconds never strikes; polling does.
    if (ms > 1000) return new Promise(() => undefined);
    nowMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  },
};

let sysfs: string;
const records: string[] = [];

function kernelSays(state: string, enableSeq: number): void {
  writeFileSync(join(sysfs, "enable_seq"), `${enableSeq}\n`);
  if (state === "enabled") {
    mkdirSync(join(sysfs, "root"), { recursive: true });
    writeFileSync(join(sysfs, "root/ops"), `${ops}\n`);
  } else rmSync(join(sysfs, "root"), { recursive: true, force: true });
  writeFileSync(join(sysfs, "state"), `${state}\n`);
}

function kernelLogs(reason: string, message = ""): void {
  records.push(`3,1,1,-;sched_ext: BPF scheduler "${ops}" disabled (${reason})`);
  if (message !== "") records.push(`3,1,1,-;sched_ext: ${ops}: ${message}`);
}

class ScriptedProgram implements WatchedProcess {
  exit: WatchedProcess["exit"] = null;
  said = "";
  kills: string[] = [];
  /** What becomes of the scheduler when all is killed. */
  holdsOn = false;
  dies = true;
  /** It was ending by itself when it was killed. */
  endsWith: number | null = null;
  readonly #ended = Promise.withResolvers<void>();
  readonly ended = this.#ended.promise;

  end(code: number | null, signal: string | null = null): void {
    if (this.exit !== null) return;
    this.exit = { code, signal };
    if (!this.holdsOn) {
      if (records.length === 0) kernelLogs("unregistered from user space");
      kernelSays("disabled", 1);
    }
    this.#ended.resolve();
  }
  kill(): void {
    this.kills.push("first");
    this.end(null, "SIGKILL");
  }
  async killAll(): Promise<void> {
    this.kills.push("all");
    this.end(null, "SIGKILL");
  }
  async clear(): Promise<boolean> {
    this.kills.push("clear");
    this.end(this.endsWith, this.endsWith === null ? "SIGKILL" : null);
    return this.dies;
  }
}

let program: ScriptedProgram;
let deployment: Deployment;
beforeEach(async () => {
  nowMs = 0;
  records.length = 0;
  sysfs = mkdtempSync(join(tmpdir(), "schedcp-sysfs-"));
  kernelSays("disabled", 0);
  program = new ScriptedProgram();
  const parts = {
    schedExt: new SchedExt(sysfs),
    kernelLog: new KernelLog(() => records.shift() ?? null),
    clock,
  };
  const start = () => {
    throw new Error("no loader is started here");
  };
  deployment = new Deployment({ ...parts, start });
  await deployment.adopt(async () => {
    kernelSays("enabled", 1);
    return new LiveBinary(parts, program, ops, 1);
  });
});
afterEach(async () => {
  await deployment.unload();
  rmSync(sysfs, { recursive: true });
});

test("it is live while the kernel says so, and gone with all its processes when it is unloaded", async () => {
  expect(await deployment.status()).toMatchObject({ state: "live", opsName: ops, exit: null });
  const status = await deployment.unload();
  expect(status).toMatchObject({ state: "ended", exit: { kind: 64 }, schedExt: { ops: null } });
  expect(program.kills).toEqual(["all", "clear"]);
});

test("nothing else is loaded beside it", async () => {
  await expect(
    deployment.adopt(() => Promise.reject(new Error("was started"))),
  ).rejects.toMatchObject({ code: "busy" });
});

test("its first process's death takes the others along", async () => {
  await deployment.killLoader();
  expect(program.kills).toEqual(["first", "clear"]);
  expect(await deployment.status()).toMatchObject({
    state: "ended",
    exit: { kind: 64, message: "" },
  });
});

test("a program that ends by itself is told with its words", async () => {
  program.said = "thread main panicked";
  program.end(101);
  const { exit } = await deployment.status();
  expect(exit).toMatchObject({
    kind: 64,
    message: "its program ended with 101, saying last: thread main panicked",
  });
});

test("so is one whose scheduler the kernel let go before its end was told", async () => {
  program.said = "thread main panicked";
  program.endsWith = 101;
  kernelLogs("unregistered from user space");
  kernelSays("disabled", 1);
  const { exit } = await deployment.status();
  expect(exit?.message).toBe("its program ended with 101, saying last: thread main panicked");
});

test("the kernel's words on an ejection are kept, and the program is killed", async () => {
  kernelLogs("runnable task stall", "sleep[12] failed to run for 2.1s");
  kernelSays("disabled", 1);
  const { state, exit } = await deployment.status();
  expect({ state, kind: exit?.kind }).toEqual({ state: "ended", kind: 1026 });
  expect(exit?.message).toBe("sleep[12] failed to run for 2.1s");
  expect(program.kills).toEqual(["clear"]);
});

test("one that loads itself again after a stall has left all the same", async () => {
  kernelLogs("runnable task stall");
  kernelSays("enabled", 2);
  expect(await deployment.status()).toMatchObject({ state: "ended", exit: { kind: 1026 } });
  expect(program.kills).toEqual(["clear"]);
});

test("one that loads itself again because the kernel wished it is live", async () => {
  kernelLogs("unregistered from the main kernel");
  kernelSays("disabled", 1);
  const asked = deployment.status();
  setImmediate(() => kernelSays("enabled", 2));
  expect(await asked).toMatchObject({ state: "live", exit: null, schedExt: { enableSeq: 2 } });
  expect(program.kills).toEqual([]);
});

test("one that the kernel wished to be loaded again and that does not is gone", async () => {
  kernelLogs("unregistered from the main kernel");
  kernelSays("disabled", 1);
  expect(await deployment.status()).toMatchObject({ state: "ended", exit: { kind: 66 } });
});

test("a scheduler that outlives its program is told as such", async () => {
  program.holdsOn = true;
  program.end(0);
  const { state, exit } = await deployment.status();
  expect(state).toBe("ended");
  expect(exit).toMatchObject({ kind: null, message: expect.stringContaining("pinned link") });
  kernelSays("disabled", 1);
});

test("processes that do not die are told", async () => {
  program.dies = false;
  program.end(0);
  const { exit } = await deployment.status();
  expect(exit?.message).toMatch(/did not die/);
});
