// How long the verifier's stages take: compile, admission and static together and static alone; from
// asking for a guest to a policy that is live in it; and the same with a guest that is booted cold instead
// of restored, interleaved in one run. `sh bin/node bench/verifier/stages.ts [RUNS]`

import { readFileSync } from "node:fs";
import type { NodeConnection } from "../../src/contract/node-protocol.ts";
import { createNodeClient } from "../../src/contract/rpc.ts";
import { workloadSchema } from "../../src/contract/workload.ts";
import { ConfinedJudge } from "../../src/control/confinement/confined-judge.ts";
import { loadRequest } from "../../src/control/deployment/deployable-policy.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { Cache, cacheRoot } from "../../src/lab/cache.ts";
import { ensureImage } from "../../src/lab/image.ts";
import { openLab } from "../../src/lab/lab.ts";
import { startQemu } from "../../src/lab/qemu.ts";
import { ensureSupport } from "../../src/lab/support.ts";
import { report, timing } from "../timing.ts";

const runs = Number(process.argv[2] ?? 5);
const silent = (): void => undefined;
const guest = { cpus: 2, memoryMib: 1024, programs: [] };
const nothing = workloadSchema.parse({
  name: "nothing",
  run: [{ name: "a", command: "true" }],
  objective: { metric: "makespan", direction: "minimise" },
});

const lab = await openLab({ mayBuild: false });
const vmlinuxHeaderPath = await lab.vmlinuxHeader(silent);
const { btf } = await lab.kernelTypes(silent);
await lab.prepare(guest, silent);
const judge = new ConfinedJudge();
judge.prepare(btf);

for (const name of ["fifo", "weighted-vtime", "longest-first", "interactive-first"]) {
  const source = readFileSync(`policies/${name}/policy.bpf.c`, "utf8");
  const staticMs: number[] = [];
  const object = await compiled(name, source);
  await judge.examine({ objectBytes: object, knobs: {} }, btf);
  const all = await timing(2 * runs, async () => {
    const objectBytes = await compiled(name, source);
    const examination = await judge.examine({ objectBytes, knobs: {} }, btf);
    staticMs.push(examination.static?.durationMs ?? Number.NaN);
  });
  report(`${name}: compile, admission, static`, all, 1000);
  staticMs.sort((a, b) => a - b);
  const at = (fraction: number) => staticMs[Math.round(fraction * (staticMs.length - 1))] ?? 0;
  const spread = { medianMs: at(0.5), minMs: at(0), maxMs: at(1) };
  report(`${name}: static alone`, { runs: staticMs.length, ...spread }, 100);
}
await judge.close();

const object = await compiled(
  "weighted-vtime",
  readFileSync("policies/weighted-vtime/policy.bpf.c", "utf8"),
);
const restored: number[] = [];
const restoredAndLoaded: number[] = [];
const booted: number[] = [];
const bootedAndLoaded: number[] = [];
for (let run = 0; run < runs; run++) {
  await timedGuest(restore, restored, restoredAndLoaded);
  await timedGuest(boot, booted, bootedAndLoaded);
}
await lab.close();
told("guest restored and asked", restored);
told("… and weighted-vtime live: the load stage; promised 2000 ms", restoredAndLoaded);
told("guest booted cold and asked", booted);
told("… and weighted-vtime live", bootedAndLoaded);
const ratio = median(booted) / median(restored);
console.log(`a restore is ${ratio.toFixed(1)} times as fast as a cold boot; promised 10`);

async function compiled(name: string, source: string): Promise<Uint8Array> {
  const outcome = await compilePolicy({ name, source, vmlinuxHeaderPath });
  if (!outcome.ok) throw new Error(`${name} does not compile`);
  return outcome.object;
}

interface Guest {
  connection: NodeConnection;
  end(): Promise<unknown>;
}

async function timedGuest(
  start: () => Promise<Guest>,
  up: number[],
  live: number[],
): Promise<void> {
  const startedMs = performance.now();
  const { connection, end } = await start();
  try {
    await connection.call("node.describe", {}, { timeoutMs: 60_000 });
    up.push(performance.now() - startedMs);
    const identity = { name: "weighted-vtime", sourceSha256: "", parameters: {} };
    await connection.call("policy.load", loadRequest({ identity, object }, nothing), {
      timeoutMs: 60_000,
    });
    live.push(performance.now() - startedMs);
  } finally {
    await end();
  }
}

async function restore(): Promise<Guest> {
  const lease = await lab.lease(guest);
  return { connection: lease.connection, end: () => lease.release() };
}

async function boot(): Promise<Guest> {
  const cache = new Cache(cacheRoot());
  const image = await ensureImage(cache, silent);
  const support = await ensureSupport(cache, image);
  const { accelerator } = await lab.prepare(guest, silent);
  const qemu = startQemu({
    machine: {
      ...{ cpus: guest.cpus, memoryMib: guest.memoryMib, kernel: image.kernel },
      accelerator: accelerator === "kvm" ? "kvm" : "tcg",
      initialRamDisk: support.initialRamDisk,
      drives: [image.root, support.path],
    },
  });
  await qemu.console.until(/^schedcpd: ready/);
  const end = async () => {
    qemu.kill();
    await qemu.ended;
  };
  return { connection: createNodeClient(qemu.node), end };
}

function told(what: string, times: readonly number[]): void {
  const spread = `${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)}`;
  console.log(`${what}: median ${median(times).toFixed(0)} ms (${spread}, ${times.length} runs)`);
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
