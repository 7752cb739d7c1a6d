// schedcpd, the node daemon: the only privileged process. Started once on a node, by the lab's init
// in a guest: `node main.js --port /dev/vport0p1 --native DIR`. The only file here that knows real
// paths and owns timers. Imports the contract, zod and node:* only.
//
// Its death is a revert: every child dies with it, and the kernel disables a scheduler whose loader
// is gone. So it crashes on a programmer's error rather than going on in an unknown state.

import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { SchedcpError } from "../contract/errors.ts";
import type { NodeConnection } from "../contract/node-protocol.ts";
import { createNodeClient, type NodeHandlers, serveNode } from "../contract/rpc.ts";
import { Binaries } from "./binaries.ts";
import type { StartBinary } from "./binary-process.ts";
import type { Clock } from "./clock.ts";
import { Deployment } from "./deployment.ts";
import { NodeDisturber } from "./disturber.ts";
import { createHandlers } from "./handlers.ts";
import { openKernelLog } from "./kernel-log.ts";
import type { StartChild } from "./native-process.ts";
import { readNodeFacts, workloadPath } from "./node-facts.ts";
import { NodePort } from "./port.ts";
import { powerOff } from "./power.ts";
import { SchedExt } from "./sched-ext.ts";
import { Waker } from "./wake.ts";
import { WorkloadRuns } from "./workload.ts";
import { WorkloadCgroups } from "./workload-cgroups.ts";

/** The user that workloads run as. */
const user = { uid: 1000, gid: 1000 };
/** Memory that a workload leaves to the daemon and the kernel: so much, but at most half. */
const reservedBytes = 256 * 2 ** 20;

const clock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms) => delay(ms),
};

/** Node's own `rm` gives up where a path grows longer than the kernel takes; the program does not. */
async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENAMETOOLONG")) throw error;
    await promisify(execFile)("rm", ["-rf", "--", path]);
  }
}

/** Of the lowest real-time priority: all of ours outranks it. Answers, once it runs, how to end it. */
async function startHog(cpu: number): Promise<() => void> {
  const loop = "echo runs; while :; do :; done";
  const hog = ["-f", "1", "taskset", "-c", String(cpu), "sh", "-c", loop];
  const child = spawn("chrt", hog, { stdio: ["ignore", "pipe", "ignore"] });
  const runs = new Promise<boolean>((resolve) => {
    child.stdout.once("data", () => resolve(true));
    child.once("error", () => resolve(false));
    child.once("close", () => resolve(false));
  });
  if (!(await runs)) throw new Error("no real-time task could be started");
  return () => {
    child.kill("SIGKILL");
  };
}

/**
 * As its own system's service manager would start it: root, of the ordinary scheduling class (not of this
 * daemon's), dying with who started it. The shell is the first process of the cgroup, and becomes it.
 */
const startBinary: StartBinary = (name, cgroup, environment) => {
  const join = 'echo $$ > "$1/cgroup.procs" && exec chrt -o 0 setpriv --pdeathsig KILL "$2"';
  return spawn("sh", ["-c", join, "sh", cgroup, `/usr/local/bin/${name}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: workloadPath.join(":"), HOME: "/root", LC_ALL: "C", ...environment },
    cwd: "/",
  });
};

/** Ends at once, whatever threads are blocked in reads; see port.ts. */
function die(reason: unknown): void {
  console.error("schedcpd: fault:", reason);
  process.kill(process.pid, "SIGKILL");
}

async function main(portPath: string, native: string): Promise<never> {
  const start: StartChild = (program) =>
    spawn(join(native, program), [], { stdio: ["pipe", "pipe", "inherit"], env: {} });
  const schedExt = new SchedExt("/sys/kernel/sched_ext");
  const kernelLog = openKernelLog("/dev/kmsg");
  const deployment = new Deployment({ start, schedExt, kernelLog, clock });
  const memoryBytesMax = Math.floor(Math.max(totalmem() / 2, totalmem() - reservedBytes));
  const cgroups = new WorkloadCgroups("/sys/fs/cgroup", memoryBytesMax, clock);
  const workloads = new WorkloadRuns({
    start,
    cgroups,
    clock,
    user,
    workRoot: "/work",
    sharedDirectories: ["/tmp", "/dev/shm", "/var/tmp", "/home/workload"],
    removeTree,
    probeObject: join(native, "sched.bpf.o"),
    disturber: new NodeDisturber({
      cgroups,
      deployment,
      clock,
      cpuDirectory: "/sys/devices/system/cpu",
      serverDirectory: "/sys/kernel/debug/sched/ext_server",
      run: async (program, given) => {
        await promisify(execFile)(program, [...given]);
      },
      startHog,
    }),
  });
  const binaries = new Binaries({
    ...{ start: startBinary, schedExt, kernelLog, clock },
    programDirectory: "/usr/local/lib/schedcp",
    cgroupRoot: "/sys/fs/cgroup",
  });
  const waker = new Waker(start);
  await waker.prepare();
  const handlers = createHandlers({
    facts: await readNodeFacts({
      btf: "/sys/kernel/btf/vmlinux",
      loader: join(native, "schedcp-loader"),
      bootId: "/proc/sys/kernel/random/boot_id",
    }),
    kernelCommandLine: await readFile("/proc/cmdline", "utf8"),
    workloadPath,
    schedExt,
    deployment,
    binaries,
    cgroups,
    workloads,
    wake: (request) => waker.wake(request),
    powerOff: () => powerOff("/proc/sysrq-trigger"),
  });
  process.once("SIGTERM", async () => {
    workloads.stop();
    await deployment.unload();
    process.kill(process.pid, "SIGKILL");
  });

  const port = await NodePort.open(portPath);
  await warmUp(handlers, waker);
  let connected = port.nextConnection();
  console.log("schedcpd: ready");
  for (;;) {
    await serveNode(await connected, handlers);
    // Whoever deployed is gone, and nothing promoted exists yet that would outlive its connection.
    await deployment.unload();
    cgroups.pin([]);
    connected = port.nextConnection();
  }
}

/**
 * Every path is gone once before a snapshot is taken: what V8 compiles now, no restored guest has to
 * compile again, which under emulation is most of its first second.
 */
async function warmUp(handlers: NodeHandlers, waker: Waker): Promise<void> {
  const [hostEnd, nodeEnd] = duplexPair();
  const served = serveNode(nodeEnd, handlers);
  const self = createNodeClient(hostEnd);
  const entropy = randomBytes(64).toString("base64");
  await self.call("node.wake", { clockMs: Date.now(), entropy, nonce: "0".repeat(32) });
  await waker.prepare();
  await self.call("node.describe", {});
  await self.call("policy.status", {});
  await self.call("node.missing", { programs: ["sh"] });
  await self.call("workload.observe", {});
  const workload = {
    name: "warm-up",
    setup: [{ command: "true" }],
    run: [{ name: "nothing", command: "true" }],
    objective: { metric: "makespan", direction: "minimise" as const },
  };
  const once = { workload, timeLimitMs: 10_000, stopAfterMs: null, outputOf: [], trace: false };
  await self.call("workload.run", once);
  await refuseEmptyPolicy(self);
  await self.call("policy.unload", {});
  self.close();
  await served;
}

/** The way of a policy as far as the loader, which finds no scheduler in an empty object. */
async function refuseEmptyPolicy(self: NodeConnection): Promise<void> {
  const object = Buffer.from("no object");
  const sha256 = createHash("sha256").update(object).digest("hex");
  const imposed = { timeoutMs: 30_000, partial: false };
  const policy = { name: "warm-up", object: object.toString("base64"), sha256, imposed };
  try {
    await self.call("policy.load", { ...policy, knobs: {}, hints: {} });
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError)) throw thrown;
  }
}

process.on("uncaughtException", die);
process.on("unhandledRejection", die);
const { values } = parseArgs({
  options: { port: { type: "string" }, native: { type: "string" } },
});
if (values.port === undefined || values.native === undefined) {
  console.error("usage: main.js --port DEVICE --native DIRECTORY");
  process.exitCode = 2;
} else {
  await main(values.port, values.native);
}
