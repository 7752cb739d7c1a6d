// The loader here is a script of this test, so that every order of events can be had: what is tested
// is the deployment's state, not loading. Loading is tested on a real kernel, in test/daemon.

import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { Deployment, type DeploymentRequest } from "./deployment.ts";
import { KernelLog } from "./kernel-log.ts";
import type { Child } from "./native-process.ts";
import { SchedExt } from "./sched-ext.ts";

/** Time passes only where somebody sleeps. */
class SteppedClock implements Clock {
  #nowMs = 0;
  nowMs(): number {
    return this.#nowMs;
  }
  async sleep(ms: number): Promise<void> {
    // A limit of seconds never strikes; polling does.
    if (ms > 1000) return new Promise(() => undefined);
    this.#nowMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let sysfs: string;
const records: string[] = [];

function kernelSays(state: string, ops: string | null): void {
  writeFileSync(join(sysfs, "state"), `${state}\n`);
  if (ops !== null) mkdirSync(join(sysfs, "root"), { recursive: true });
  if (ops === null) rmSync(join(sysfs, "root"), { recursive: true, force: true });
  else writeFileSync(join(sysfs, "root/ops"), `${ops}\n`);
}

/** The scripted loader: the test moves it, and with it what the kernel says. */
class ScriptedLoader extends EventEmitter implements Child {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  received = Buffer.alloc(0);
  ops = "";
  ended = false;

  constructor() {
    super();
    this.stdin.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.stdin.on("end", () => this.leave("unregistered from user space"));
  }

  attach(ops: string): void {
    this.ops = ops;
    kernelSays("enabled", ops);
    this.say({ event: "attached", opsName: ops, enableSeq: 1, durationMs: 5 });
  }

  /** The kernel throws the policy out; the loader stays with its memory. */
  eject(reason: string): void {
    kernelSays("disabled", null);
    records.push(`3,1,1,-;sched_ext: BPF scheduler "${this.ops}" disabled (${reason})`);
    this.ops = "";
    this.say({ event: "gone" });
  }

  leave(reason: string): void {
    if (this.ended) return;
    this.ended = true;
    if (this.ops !== "") {
      kernelSays("disabled", null);
      records.push(`3,1,1,-;sched_ext: BPF scheduler "${this.ops}" disabled (${reason})`);
    }
    this.emit("close");
  }

  kill(): boolean {
    this.leave("unregistered from user space");
    return true;
  }

  say(event: object): void {
    this.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

const loaders: ScriptedLoader[] = [];
const object = Buffer.from("object");
const request: DeploymentRequest = {
  name: "long-first",
  object,
  sha256: createHash("sha256").update(object).digest("hex"),
  knobs: {},
  hints: [],
  imposed: { timeoutMs: 5000, partial: false },
};

function newDeployment(onStart: (loader: ScriptedLoader) => void): Deployment {
  return new Deployment({
    start: () => {
      const loader = new ScriptedLoader();
      loaders.push(loader);
      onStart(loader);
      return loader;
    },
    schedExt: new SchedExt(sysfs),
    kernelLog: new KernelLog(() => records.shift() ?? null),
    clock: new SteppedClock(),
  });
}

const never = new AbortController().signal;

beforeEach(() => {
  sysfs = mkdtempSync(join(tmpdir(), "schedcp-sysfs-"));
  kernelSays("disabled", null);
});
afterEach(() => {
  rmSync(sysfs, { recursive: true });
  loaders.length = 0;
  records.length = 0;
});

test("load, status, unload; the loader gets header and bytes", async () => {
  const deployment = newDeployment((loader) => loader.attach("long_first"));
  expect((await deployment.status()).state).toBe("none");
  expect(await deployment.load(request, never)).toMatchObject({ opsName: "long_first" });
  expect(loaders[0]?.received.toString()).toBe(
    "object-bytes 6\nname long_first\ntimeout-ms 5000\npartial 0\n\nobject",
  );
  expect(await deployment.status()).toMatchObject({ state: "live", opsName: "long_first" });
  const ended = await deployment.unload();
  expect(ended).toMatchObject({ state: "ended", exit: { kind: 64 } });
  expect(await deployment.unload()).toEqual(ended);
});

test("bytes of another digest never reach a loader", async () => {
  const deployment = newDeployment((loader) => loader.attach("long_first"));
  const other = { ...request, object: Buffer.from("objecT") };
  await expect(deployment.load(other, never)).rejects.toMatchObject({ code: "policy-invalid" });
  expect(loaders).toEqual([]);
});

test("busy while one is live, naming it; and while another's scheduler runs, naming that", async () => {
  const deployment = newDeployment((loader) => loader.attach("long_first"));
  kernelSays("enabled", "scx_other");
  const foreign = deployment.load(request, never);
  await expect(foreign).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining("scx_other"),
  });
  expect(loaders).toEqual([]);
  kernelSays("disabled", null);
  await deployment.load(request, never);
  const second = deployment.load(request, never);
  await expect(second).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining("long_first"),
  });
  expect(loaders.length).toBe(1);
});

test("an ejection shows in the status with the kernel's reason", async () => {
  const deployment = newDeployment((loader) => loader.attach("long_first"));
  await deployment.load(request, never);
  loaders[0]?.leave("runnable task stall");
  expect(await deployment.status()).toMatchObject({
    state: "ended",
    exit: { kind: 1026, reason: "runnable task stall" },
  });
  expect(await deployment.load(request, never)).toMatchObject({ opsName: "long_first" });
});

/** Answers reads of `records` as the loader does. */
function answersReads(loader: ScriptedLoader): void {
  loader.attach("long_first");
  loader.stdin.on("data", (chunk: Buffer) => {
    for (const [, name, bytes] of chunk.toString().matchAll(/^read (\S+) (\d+)$/gm)) {
      if (name === "records" && Number(bytes) >= 3) {
        loader.say({ event: "map", name, data: "AQID" });
      } else {
        const code = name === "records" ? "E2BIG" : "ENOENT";
        loader.say({ event: "error", stage: "read", code, message: `no ${name}` });
      }
    }
  });
}

test("a policy's memory is read while it is live and after its ejection, not after unloading", async () => {
  const deployment = newDeployment(answersReads);
  await expect(deployment.readMap("records", 64)).rejects.toMatchObject({ code: "not-found" });
  await deployment.load(request, never);
  expect(await deployment.readMap("records", 64)).toBe("AQID");
  await expect(deployment.readMap("records", 2)).rejects.toMatchObject({ code: "limit-exceeded" });
  await expect(deployment.readMap("other", 64)).rejects.toMatchObject({ code: "not-found" });
  loaders[0]?.eject("runnable task stall");
  expect(await deployment.status()).toMatchObject({ state: "ended", exit: { kind: 1026 } });
  expect(await deployment.readMap("records", 64)).toBe("AQID");
  expect(await deployment.unload()).toMatchObject({ state: "ended", exit: { kind: 1026 } });
  await expect(deployment.readMap("records", 64)).rejects.toMatchObject({ code: "not-found" });
});

test("the next load ends the loader that an ejected policy left behind", async () => {
  const deployment = newDeployment(answersReads);
  await deployment.load(request, never);
  loaders[0]?.eject("runtime error");
  await deployment.status();
  expect(loaders[0]?.ended).toBe(false);
  await deployment.load(request, never);
  expect(loaders.map((loader) => loader.ended)).toEqual([true, false]);
  expect(await deployment.readMap("records", 64)).toBe("AQID");
});

test("a loader that dies in the middle of a read leaves nobody waiting", async () => {
  const deployment = newDeployment((loader) => loader.attach("long_first"));
  await deployment.load(request, never);
  const read = deployment.readMap("records", 64);
  const second = deployment.readMap("records", 64);
  await expect(second).rejects.toMatchObject({ code: "busy" });
  loaders[0]?.kill();
  await expect(read).rejects.toMatchObject({ code: "not-found" });
});

test("whoever goes while loading takes the loader along", async () => {
  const gone = new AbortController();
  const deployment = newDeployment(() => gone.abort());
  await expect(deployment.load(request, gone.signal)).rejects.toMatchObject({
    code: "interrupted",
  });
  expect((await deployment.status()).state).toBe("none");
});

test.each([
  ["a line that is no JSON", (loader: ScriptedLoader) => loader.stdout.write("oops\n")],
  ["an event nobody knows", (loader: ScriptedLoader) => loader.say({ event: "surprise" })],
])("a loader that says %s is killed, and nothing is live", async (_, say) => {
  const deployment = newDeployment(say);
  await expect(deployment.load(request, never)).rejects.toMatchObject({ code: "internal" });
  expect((await deployment.status()).state).toBe("none");
});

test("property: never two loaders alive, and unload always ends in the default", async () => {
  const step = fc.constantFrom("load", "unload", "eject", "kill", "status");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      kernelSays("disabled", null);
      let alive = 0;
      const deployment = newDeployment((loader) => {
        alive += 1;
        expect(alive).toBe(1);
        loader.once("close", () => {
          alive -= 1;
        });
        loader.attach("long_first");
      });
      for (const name of steps) {
        const live = (await deployment.status()).state === "live";
        if (name === "unload") await deployment.unload();
        if (name === "eject") loaders.at(-1)?.leave("runtime error");
        if (name === "kill") loaders.at(-1)?.kill();
        if (name === "load") {
          const load = deployment.load(request, never);
          if (live) await expect(load).rejects.toMatchObject({ code: "busy" });
          else await load;
        }
      }
      const { state, schedExt } = await deployment.unload();
      expect(state === "none" || state === "ended").toBe(true);
      expect(schedExt.state).toBe("disabled");
      expect(alive).toBe(0);
      loaders.length = 0;
    }),
    { numRuns: 60 },
  );
}, 60_000);
