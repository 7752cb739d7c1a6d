// Seed policies, and code as it is commonly written, against the real kernel: all compile without a
// warning against its header; of the seeds, a few drawn by a printed seed (SCHEDCP_TEST_SEED replays it,
// SCHEDCP_TEST_WHOLE=1 takes all) load in a guest, stay while mixed tasks run, and leave when told.

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NodeLease } from "../../src/contract/node.ts";
import type { NodeConnection } from "../../src/contract/node-protocol.ts";
import type { Parameters } from "../../src/contract/policy.ts";
import { workloadSchema } from "../../src/contract/workload.ts";
import { loadRequest } from "../../src/control/deployment/deployable-policy.ts";
import { openPolicyLibrary } from "../../src/control/repository/policy-library.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
const library = await openPolicyLibrary();
let lab: Lab;
let vmlinuxHeaderPath: string;

beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(request, () => undefined);
  vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
}, 600_000);
afterAll(() => lab.close());

/** CPU hogs of the lowest and the usual weight, a sleeper, and short-lived processes. */
const mixed = workloadSchema.parse({
  name: "mixed",
  run: [
    { name: "hog", count: 3, command: "timeout 2 sh -c 'while :; do :; done'; true" },
    { name: "light", command: "timeout 2 nice -n 19 sh -c 'while :; do :; done'; true" },
    { name: "sleeper", command: "for i in 1 2 3 4 5; do sleep 0.1; done" },
    { name: "forks", command: "i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done" },
  ],
  objective: { metric: "makespan", direction: "minimise" },
});

/** A fresh guest; another one where the emulator, not the policy, killed it. */
async function inGuest(use: (node: NodeConnection) => Promise<void>): Promise<void> {
  for (let retries = 2; ; retries--) {
    const lease: NodeLease = await lab.lease(request);
    try {
      return await use(lease.connection);
    } catch (thrown) {
      if (retries === 0 || (await lease.causeOfDeath())?.kind !== "emulator") throw thrown;
    } finally {
      await lease.release();
    }
  }
}

async function compiled(name: string, source: string): Promise<Uint8Array> {
  const outcome = await compilePolicy({ name, source, vmlinuxHeaderPath });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings, null, 1));
  expect(outcome.warnings).toEqual([]);
  return outcome.object;
}

async function runs(name: string, object: Uint8Array, parameters: Parameters): Promise<void> {
  const identity = { name, sourceSha256: "0".repeat(64), parameters };
  await inGuest(async (node) => {
    await node.call("policy.load", loadRequest({ identity, object }, mixed));
    const report = await node.call(
      "workload.run",
      { workload: mixed, timeLimitMs: 60_000, stopAfterMs: null, outputOf: [], trace: false },
      { timeoutMs: 90_000 },
    );
    expect(report.outcome).toBe("done");
    for (const task of report.tasks) expect(task.userMs + task.systemMs).toBeGreaterThan(0);
    const status = await node.call("policy.status", {});
    expect(status.exit).toBeNull();
    expect(status.state).toBe("live");
    const after = await node.call("policy.unload", {});
    expect(after.schedExt.state).toBe("disabled");
  });
}

/** `count` of them, starting at one drawn by the seed and going round. */
function sampled(names: readonly string[], count: number): string[] {
  if (process.env.SCHEDCP_TEST_WHOLE === "1") return [...names];
  const seed = Number(process.env.SCHEDCP_TEST_SEED ?? randomInt(1_000_000));
  console.info(`seed policies sampled by SCHEDCP_TEST_SEED=${seed}`);
  const rotated = [...names, ...names].slice(seed % names.length);
  return rotated.slice(0, count);
}

test.each(library.names())("the seed policy %s compiles", async (name) => {
  await compiled(name, library.show(name).source);
});

test.each(sampled(library.names(), 2))("the seed policy %s runs", async (name) => {
  const { metadata, source } = library.show(name);
  const hints = metadata.hints ? { "hint.hog": 2000, "hint.forks": 50 } : {};
  const object = await compiled(name, source);
  await runs(name, object, library.resolveParameters(metadata, hints));
});

test.each(["old-names", "many-names"])("code written with %s runs", async (name) => {
  const source = readFileSync(new URL(`${name}.bpf.c`, import.meta.url), "utf8");
  await runs(name, await compiled(name, source), {});
});
