// Disturbances of a run on a real kernel: each is carried out, and nothing of it is left afterwards.

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NodeConnection, NodeParams } from "../../src/contract/node-protocol.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";

const request = { cpus: 2, memoryMib: 1024, programs: [] };
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  await lab.prepare(request, () => undefined);
}, 600_000);
afterAll(() => lab.close());

type Run = NodeParams<"workload.run">;

/** An entry is its name and its command. */
function run(node: NodeConnection, entries: Record<string, string>, more: Partial<Run> = {}) {
  const workload = {
    name: "disturbed",
    run: Object.entries(entries).map(([name, command]) => ({ name, command })),
    objective: { metric: "makespan", direction: "minimise" as const },
  };
  const usual = { timeLimitMs: 20_000, stopAfterMs: null, outputOf: [], trace: false };
  return node.call("workload.run", { workload, ...usual, ...more }, { timeoutMs: 40_000 });
}

/** What a task sees of the machine: CPUs, and controllers of the cgroups. */
const look = "cat /sys/devices/system/cpu/online /sys/fs/cgroup/cgroup.subtree_control";

async function looked(node: NodeConnection): Promise<string[]> {
  const { output } = await run(node, { look }, { outputOf: ["look"] });
  return (output.look?.[0] ?? "").trim().split("\n");
}

test("CPUs, weights, nice levels and a real-time hog come at their time, and go with the run", async () => {
  const lease = await lab.lease(request);
  try {
    const node = lease.connection;
    const before = await looked(node);
    expect(before[0]).toBe("0-1");
    expect(before[1]).not.toMatch(/\bcpu\b/);

    const running = run(
      node,
      {
        hog: "while :; do :; done",
        // Nice level after a while, then what it sees of the machine.
        late: `sleep 1.5; nice; ${look}`,
      },
      {
        stopAfterMs: 9000,
        outputOf: ["late"],
        disturbances: [
          { atMs: 0, kind: "nice", entry: "late", nice: 7 },
          { atMs: 50, kind: "cpu-weight", entry: "hog", weight: 300 },
          { atMs: 100, kind: "cpu-offline", cpu: 1 },
          { atMs: 150, kind: "affinity", entry: "hog", cpus: [1] },
          { atMs: 6000, kind: "real-time-hog", cpu: 0, durationMs: 20_000 },
        ],
      },
    );
    await delay(5000);
    const seen = await node.call("workload.observe", {});
    const report = await running;
    expect(report.outcome).toBe("done");
    const failures = (report.disturbances ?? []).map(({ kind, failure }) => [kind, failure]);
    expect(failures.slice(0, 3)).toEqual([
      ["nice", null],
      ["cpu-weight", null],
      ["cpu-offline", null],
    ]);
    // There is no CPU 1 for it to go to: told, and the others go on.
    expect(failures[3]?.[0]).toBe("affinity");
    expect(failures[3]?.[1]).not.toBeNull();
    expect(seen.entries.map(({ entry }) => entry)).toEqual(["hog", "late"]);
    expect(seen.entries[0]?.cpuMs).toBeGreaterThan(100);
    const late = (report.output.late?.[0] ?? "").trim().split("\n");
    expect(late).toEqual(["7", "0", expect.stringMatching(/\bcpu\b/)]);
    expect(failures[4]).toEqual(["real-time-hog", null]);

    expect(await looked(node)).toEqual(before);
    expect(await node.call("workload.observe", {})).toMatchObject({ atMs: null, entries: [] });
    // A hog that was left would keep CPU 0 from this.
    const after = await run(node, { pinned: "exec taskset -c 0 true" });
    expect(after.outcome).toBe("done");
    expect(after.makespanMs).toBeLessThan(5000);
  } finally {
    await lease.release();
  }
});
