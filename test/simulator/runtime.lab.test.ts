// The whole chain from C to a simulated run: small policies that check one group of helpers, kfuncs and
// kernel objects each from the inside, and the seed policies. Needs the guest image for the kernel's
// types; boots nothing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { openLab } from "../../src/lab/lab.ts";
import type { RunSummary } from "../../src/simulator/core/run-summary.ts";
import { simulateScenario } from "../../src/simulator/core/simulate-scenario.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import type { KnobValue } from "../../src/simulator/runtime/knobs.ts";
import type { PolicyInstance } from "../../src/simulator/runtime/policy-instance.ts";
import type { Scenario, TaskSpec } from "../../src/simulator/scenario/scenario.ts";

const policies = join(import.meta.dirname, "policies");
let kernel: Btf;
let vmlinuxHeaderPath: string;

beforeAll(async () => {
  const lab = await openLab({ mayBuild: false });
  kernel = kernelBtf((await lab.kernelTypes(() => undefined)).btf);
  vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);
});

async function compiled(name: string, source: string): Promise<Uint8Array> {
  const result = await compilePolicy({ name, source, vmlinuxHeaderPath });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.object;
}

function trial(name: string): Promise<Uint8Array> {
  const text = (file: string): string => readFileSync(join(policies, file), "utf8");
  return compiled(name, text("prelude.h") + text(`${name}.bpf.c`));
}

function spec(over: Partial<TaskSpec>): TaskSpec {
  return {
    entry: "task",
    comm: "task",
    count: 1,
    startNs: 0,
    nice: 0,
    policy: "normal",
    cpus: null,
    cgroup: 0,
    kernelThread: false,
    steps: [{ do: "run", ns: 20_000_000 }],
    loop: false,
    background: false,
    ...over,
  };
}

const sleeping = {
  do: "repeat" as const,
  times: 20,
  steps: [
    { do: "run" as const, ns: 300_000 },
    { do: "sleep" as const, ns: 2_000_000 },
  ],
};

/** Four CPUs in two LLCs; tasks that run, sleep, fork, are pinned, niced, in a cgroup, of the kernel. */
const mixed: Scenario = {
  name: "mixed",
  topology: {
    llcOf: [0, 0, 1, 1],
    coreOf: [0, 1, 2, 3],
    nodeOf: [0, 0, 0, 0],
    capacityOf: [1024, 1024, 1024, 1024],
  },
  cgroups: [
    { name: "", parent: null, weight: 100 },
    { name: "inner", parent: 0, weight: 50 },
  ],
  tasks: [
    spec({ comm: "hog", count: 6 }),
    spec({ comm: "niced", nice: 10, count: 2 }),
    spec({ comm: "pinned", cpus: [1] }),
    spec({ comm: "grouped", cgroup: 1 }),
    spec({ comm: "kworker/0:1", kernelThread: true, steps: [sleeping] }),
    spec({ comm: "sleeper", count: 3, steps: [sleeping] }),
    spec({ comm: "parent", steps: [{ do: "fork", task: 7 }, { do: "join" }] }),
    spec({ comm: "child", count: 0 }),
  ],
  events: [],
  durationNs: 10_000_000_000,
  seed: 5,
};

function run(
  objectBytes: Uint8Array,
  knobs: Record<string, KnobValue> = {},
  hints: ReadonlyMap<number, number> = new Map(),
): { summary: RunSummary; policy: PolicyInstance } {
  const { topology, cgroups } = mixed;
  const policy = createPolicy({ objectBytes, kernelBtf: kernel, knobs, hints, topology, cgroups });
  const summary = simulateScenario({
    scenario: mixed,
    policy: policy.ops,
    state: policy.state,
    attach: (each) => policy.attach(each),
  });
  return { summary, policy };
}

function number(policy: PolicyInstance, global: string): number {
  const bytes = policy.global(global);
  if (!bytes) throw new Error(`no global ${global}`);
  return Number(new DataView(bytes.buffer).getBigUint64(0, true));
}

describe("policies that check what they are given", () => {
  test.each(["maps", "storage", "cpumasks", "graphs", "queues", "texts", "arena"])(
    "%s",
    async (name) => {
      const { summary, policy } = run(await trial(name));
      expect(summary.exit).toBeNull();
      expect(summary.finished).toBe(true);
      expect(policy.unsupported).toEqual([]);
      expect(number(policy, "checked")).toBeGreaterThan(0);
    },
  );

  test("a failed check ends the policy in its own words", async () => {
    const { summary } = run(await trial("texts"), { wanted_nice: 11 });
    expect(summary.exit?.reason).toBe("scx_bpf_error");
    expect(summary.exit?.message).toMatch(/line \d+: p->scx\.weight == 100/);
  });

  test("a timer rings until the end, and printed lines are kept", async () => {
    const { summary, policy } = run(await trial("storage"));
    expect(number(policy, "rings")).toBeCloseTo(summary.endNs / 5e6, -1);
    expect(run(await trial("texts")).policy.printed).toEqual(["checked 9 texts"]);
  });

  test("hints and knobs arrive", async () => {
    const object = await trial("hints");
    const knobs = { wanted_ms: 70, strict: true, wanted_comm: "grouped", offset: -5 };
    const { summary, policy } = run(object, knobs, new Map([[1, 70]]));
    expect(summary.exit).toBeNull();
    expect(number(policy, "checked")).toBeGreaterThan(0);
    expect(() => run(object, { ...knobs, wanted_ms: 2 ** 33 })).toThrow(/32 bits/);
    expect(() => run(object, { wanted: 1 })).toThrow(/no knob "wanted"/);
    expect(() => run(object, { checked: 1 })).toThrow(/no knob "checked"/);
    expect(() => run(object, { wanted_comm: "sixteen letters." })).toThrow(/15 bytes/);
  });

  test("the same run gives the same summary", async () => {
    const object = await trial("queues");
    expect(run(object).summary).toEqual(run(object).summary);
  });
});

describe("what the kernel would not let a program do", () => {
  test.each([
    [1, "out-of-bounds", /just past the end of map small.*far\[1\] = 1/],
    [2, "read-only", /task_struct of .*read-only.*->pid = 1/],
    [3, "null-store", /null pointer/],
    [4, "out-of-fuel", /without an end/],
    [5, "out-of-bounds", /map small was passed as a task_struct/],
    [6, "unsupported", /send_signal|helper 109/],
  ])("mode %i: %s", async (mode, kind, message) => {
    const object = await trial("faults");
    expect(() => run(object, { mode })).toThrow(
      expect.objectContaining({ kind, message: expect.stringMatching(message) }),
    );
  });

  test("a kfunc that an op may not call ends the policy", async () => {
    const { summary } = run(await trial("faults"), { mode: 7 });
    expect(summary.exit?.message).toMatch(/scx_bpf_dsq_move_to_local.*ops\.enqueue/);
  });

  test("reading through NULL gives 0", async () => {
    expect(run(await trial("faults"), { mode: 8 }).summary.exit).toBeNull();
  });
});

describe("seed policies", () => {
  test.each(readdirSync("policies"))("%s finishes the work", async (name) => {
    const source = readFileSync(join("policies", name, "policy.bpf.c"), "utf8");
    const { summary, policy } = run(await compiled(name, source));
    expect(summary.exit).toBeNull();
    expect(summary.finished).toBe(true);
    expect(policy.unsupported).toEqual([]);
  });
});
