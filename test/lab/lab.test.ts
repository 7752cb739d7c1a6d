// The lab on the real kernel: guests that answer, are told apart, confined, and gone afterwards.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NodeLease } from "../../src/contract/node.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(request, () => undefined);
}, 600_000);
afterAll(() => lab.close());

async function withGuest<T>(use: (lease: NodeLease) => Promise<T>): Promise<T> {
  const lease = await lab.lease(request);
  try {
    return await use(lease);
  } finally {
    await lease.release();
  }
}

/** Processes whose command line has this word. */
function processes(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(word);
      } catch (error) {
        if (error instanceof Error && "code" in error) return false;
        throw error;
      }
    })
    .map(Number);
}

const descendants = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );

test("a guest runs a real kernel ≥ 7 with sched_ext and nothing loaded", async () => {
  const node = await withGuest((lease) => lease.connection.call("node.describe", {}));
  expect(Number(node.kernel.split(".")[0])).toBeGreaterThanOrEqual(7);
  expect(node.cpus).toBe(2);
  expect(node.schedExt).toMatchObject({ state: "disabled", ops: null });
  expect(node.btfSha256).toMatch(/^[0-9a-f]{64}$/);
}, 60_000);

test("two guests from one snapshot have different identities", async () => {
  const bootId = (lease: NodeLease) =>
    lease.connection.call("node.describe", {}).then((node) => node.bootId);
  const [first, second] = await Promise.all([withGuest(bootId), withGuest(bootId)]);
  expect(first).not.toBe(second);
}, 60_000);

test("QEMU is no one's user, in name spaces of its own, and gone after the release", async () => {
  const inner = await withGuest(async () => {
    const bwrap = descendants(process.pid).filter((pid) => processes("bwrap").includes(pid));
    const qemu = bwrap.flatMap(descendants).flatMap((pid) => [pid, ...descendants(pid)]);
    const pid = qemu.find(
      (each) => processes("qemu-system").includes(each) && !bwrap.includes(each),
    );
    if (pid === undefined) throw new Error("no QEMU among our descendants");
    const status = readFileSync(`/proc/${qemu.at(-1)}/status`, "utf8");
    if (process.getuid?.() === 0) expect(status).toMatch(/^Uid:\t64739\t64739/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    return qemu;
  });
  for (const pid of inner) expect(processes("qemu-system")).not.toContain(pid);
}, 60_000);

test("a guest whose owner is killed dies with it", async () => {
  const code = `import { openLab } from "./src/lab/lab.ts";
    const lab = await openLab({ mayBuild: false });
    await lab.lease(${JSON.stringify(request)});
    console.log("leased");
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => owner.stdout.once("data", resolve));
  const pid = owner.pid ?? 0;
  const all = descendants(pid).flatMap((each) => [each, ...descendants(each)]);
  expect(all.length).toBeGreaterThan(1);
  const ended = new Promise((resolve) => owner.once("close", resolve));
  owner.kill("SIGKILL");
  await ended;
  await expect
    .poll(() => all.filter((each) => processes("qemu-system").includes(each)))
    .toEqual([]);
}, 60_000);

test("a workload's user can't open the daemon's port, the kernel log or the network", async () => {
  const report = await withGuest((lease) =>
    lease.connection.call("workload.run", {
      workload: {
        name: "prying",
        run: [
          { name: "id", command: 'test "$(id -u)" = 1000' },
          { name: "port", command: "! cat /dev/vport* 2>/dev/null && ! echo > /dev/vport0p1" },
          { name: "log", command: "! dmesg 2>/dev/null" },
          { name: "net", command: 'test "$(ls /sys/class/net)" = lo' },
          { name: "ptrace", command: "! ls /proc/1/cwd/ 2>/dev/null" },
        ],
        objective: { metric: "makespan", direction: "minimise" },
      },
      timeLimitMs: 20_000,
      stopAfterMs: null,
      outputOf: [],
      trace: false,
    }),
  );
  expect(report.failure).toBeNull();
  expect(report.outcome).toBe("done");
}, 60_000);
