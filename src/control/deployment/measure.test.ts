import { describe, expect, test } from "vitest";
import {
  type Behaviour,
  type ScriptedArm,
  type ScriptedNodes,
  scriptedNodes,
  scriptedWorkload,
} from "../../../test/doubles/scripted-nodes.ts";
import { SchedcpError } from "../../contract/errors.ts";
import type { Pair } from "../../contract/measurement.ts";
import { workloadSchema } from "../../contract/workload.ts";
import type { DeployablePolicy } from "./deployable-policy.ts";
import { type MeasureInput, measure } from "./measure.ts";
import { screen } from "./screen.ts";

const workload = scriptedWorkload;

function policy(name = "candidate", parameters = {}): DeployablePolicy {
  return {
    identity: { name, sourceSha256: "0".repeat(64), parameters },
    object: new Uint8Array(8),
  };
}

const runs = (makespanMs: number, stealPercent = 0): Behaviour => ({
  kind: "runs",
  makespanMs,
  stealPercent,
});

/** A fifth faster under any policy, with a wobble that both arms have. */
function faster({ policy: loaded, lease }: ScriptedArm): Behaviour {
  return runs((loaded === null ? 3000 : 2400) * (1 + (lease % 3) * 0.01));
}

function input(nodes: ScriptedNodes, more: Partial<MeasureInput> = {}): MeasureInput {
  return {
    id: "m1",
    nodes,
    now: nodes.now,
    workload,
    workloadSha256: "0".repeat(64),
    policy: policy(),
    pairs: 8,
    seed: 20261122,
    ...more,
  };
}

async function failureOf(promise: Promise<unknown>): Promise<SchedcpError> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof SchedcpError) return thrown;
  throw new Error(`expected a SchedcpError, not ${String(thrown)}`);
}

describe("measure", () => {
  test("takes interleaved pairs on fresh nodes and finds the difference", async () => {
    const nodes = scriptedNodes(faster);
    const told: Pair[] = [];
    const found = await measure(input(nodes, { onPair: (pair) => void told.push(pair) }));
    expect(found.complete).toBe(true);
    expect(found.pairs).toHaveLength(8);
    expect(told).toEqual(found.pairs);
    expect(nodes.arms).toHaveLength(16);
    expect(nodes.released).toBe(16);
    expect(found.objective.improvementPercent).toBeGreaterThan(18);
    expect(found.objective.confidenceInterval[0]).toBeGreaterThan(15);
    for (let pair = 0; pair < 16; pair += 2) {
      const policies = nodes.arms.slice(pair, pair + 2).map((arm) => arm.policy);
      expect(policies.toSorted()).toEqual(["candidate", null]);
    }
  });

  test("an arm: load, warm-up, measured run, and a look that the policy still runs", async () => {
    const nodes = scriptedNodes(faster);
    const hinted = policy("candidate", { slice_ms: 20, "hint.short": 30 });
    await measure(input(nodes, { policy: hinted }));
    const load = nodes.calls.find((call) => call.method === "policy.load");
    expect(load?.params).toMatchObject({ knobs: { slice_ms: 20 }, hints: { short: 30 } });
    const first = nodes.calls.findIndex((call) => call.method === "policy.load");
    const arm = nodes.calls.slice(first, first + 5).map((call) => call.method);
    expect(arm).toEqual([
      "policy.load",
      "workload.run",
      "policy.status",
      "workload.run",
      "policy.status",
    ]);
  });

  test("the same seed gives the same order and the same interval", async () => {
    const [first, second] = await Promise.all([
      measure(input(scriptedNodes(faster))),
      measure(input(scriptedNodes(faster))),
    ]);
    expect(second).toEqual(first);
  });

  test("without a policy both arms are the default scheduler", async () => {
    const nodes = scriptedNodes(faster);
    const found = await measure(input(nodes, { policy: null, pairs: 6 }));
    expect(found.policy).toBeNull();
    expect(nodes.calls.every((call) => call.method !== "policy.load")).toBe(true);
    expect(found.objective.confidenceInterval[0]).toBeLessThanOrEqual(0);
  });

  test("fewer than six pairs are refused", async () => {
    const error = await failureOf(measure(input(scriptedNodes(faster), { pairs: 5 })));
    expect(error.code).toBe("parameter-invalid");
  });

  test("guests lost to the emulator are run again and counted", async () => {
    const nodes = scriptedNodes((arm) =>
      arm.lease === 3 || arm.lease === 9
        ? { kind: "dies", death: { kind: "emulator", log: ["Oops: int3"] } }
        : faster(arm),
    );
    const found = await measure(input(nodes, { pairs: 6 }));
    expect(found.guestsRetried).toBe(2);
    expect(found.complete).toBe(true);
    expect(nodes.released).toBe(14);
  });

  test("an emulator that loses guest after guest is an error, not a loop", async () => {
    const nodes = scriptedNodes(() => ({ kind: "dies", death: { kind: "emulator", log: [] } }));
    expect((await failureOf(measure(input(nodes)))).code).toBe("node-lost");
    expect(nodes.arms).toHaveLength(4);
  });

  test("pairs in which the host stole time are void and others are taken", async () => {
    const nodes = scriptedNodes((arm) =>
      runs(arm.policy === null ? 3000 : 2400, arm.lease < 4 ? 60 : 0),
    );
    const found = await measure(input(nodes, { pairs: 6 }));
    expect(found.voidPairs).toBe(2);
    expect(found.pairs).toHaveLength(8);
    expect(found.complete).toBe(true);
  });

  test("a host that steals all the time ends after a bound, incomplete", async () => {
    const nodes = scriptedNodes((arm) => runs(arm.policy === null ? 3000 : 2400, 60));
    const found = await measure(input(nodes, { pairs: 6 }));
    expect(found.pairs).toHaveLength(9);
    expect(found.voidPairs).toBe(9);
    expect(found.complete).toBe(false);
  });

  test("interrupted, it answers with what was measured", async () => {
    const stop = new AbortController();
    const nodes = scriptedNodes(faster, { onMeasuredRun: (arms) => arms === 5 && stop.abort() });
    const found = await measure(input(nodes, { signal: stop.signal }));
    expect(found.complete).toBe(false);
    expect(found.pairs).toHaveLength(2);
    expect(nodes.released).toBe(nodes.arms.length);
  });

  test("interrupted before the first pair, it throws", async () => {
    const error = await failureOf(
      measure(input(scriptedNodes(faster), { signal: AbortSignal.abort() })),
    );
    expect(error.code).toBe("interrupted");
  });

  test("a failing task voids the measurement and says which, escaped", async () => {
    const failure = {
      entry: "long",
      index: 0,
      command: "exit 3",
      exitCode: 3,
      signal: null,
      stderrTail: "no such file\u001b[31m\n",
    };
    const nodes = scriptedNodes((arm) =>
      arm.lease === 4 ? { kind: "fails", failure } : faster(arm),
    );
    const error = await failureOf(measure(input(nodes)));
    expect(error.code).toBe("workload-failed");
    expect(error.message).toContain("long[0] ended with exit code 3");
    expect(error.hint).toContain("no such file\\u{1b}[31m");
  });

  test.each([
    [{ kind: "ejected" }, "policy-failed", "runnable task stall"],
    [{ kind: "dies", death: { kind: "kernel-panic", log: ["BUG"] } }, "policy-failed", "panicked"],
    [{ kind: "dies", death: { kind: "gone", log: [] } }, "policy-failed", "lost twice"],
    [{ kind: "times-out" }, "policy-failed", "did not end within"],
    [
      {
        kind: "refused",
        error: new SchedcpError("load-rejected", "refused", { hint: "Mend it." }),
      },
      "load-rejected",
      "refused",
    ],
  ] as [Behaviour, string, string][])(
    "what a policy does wrong is told of it: %o",
    async (fault, code, words) => {
      const nodes = scriptedNodes((arm) => (arm.policy === null ? runs(3000) : fault));
      const error = await failureOf(measure(input(nodes)));
      expect(error.code).toBe(code);
      expect(error.message).toContain(words);
      expect(nodes.released).toBe(nodes.arms.length);
    },
  );

  test("a workload that is too long under the default too is no fault of the policy", async () => {
    const nodes = scriptedNodes(() => ({ kind: "times-out" }));
    for (const seed of [1, 2, 3, 4]) {
      const error = await failureOf(measure(input(nodes, { seed })));
      expect(error.code).toBe("workload-timed-out");
      expect(error.hint).toContain("measure.timeLimitSeconds");
    }
  });

  test("a candidate is given up long before the workload's own limit", async () => {
    const nodes = scriptedNodes(faster);
    await measure(input(nodes));
    const limitsMs = nodes.calls.flatMap(({ method, params }) =>
      method === "workload.run" ? [(params as { timeLimitMs: number }).timeLimitMs] : [],
    );
    expect(Math.max(...limitsMs)).toBe(120_000);
    expect(Math.min(...limitsMs)).toBeGreaterThanOrEqual(4 * 3000);
    expect(Math.min(...limitsMs)).toBeLessThan(15_000);
  });

  test("no warm-up where none is wanted", async () => {
    const nodes = scriptedNodes(faster);
    const cold = workloadSchema.parse({ ...workload, measure: { warmUpSeconds: 0 } });
    await measure(input(nodes, { workload: cold, pairs: 6 }));
    expect(nodes.calls.filter((call) => call.method === "workload.run")).toHaveLength(12);
  });
});

describe("screen", () => {
  const candidates = [policy("good"), policy("bad"), policy("broken")];
  const screened = (nodes: ScriptedNodes, more: { signal?: AbortSignal } = {}) =>
    screen({
      nodes,
      now: nodes.now,
      newId: () => "id",
      workload,
      workloadSha256: "0".repeat(64),
      candidates,
      rounds: 3,
      seed: 5,
      ...more,
    });
  const makespans: Record<string, number> = { good: 2400, bad: 3300 };
  const mixed = (arm: ScriptedArm): Behaviour =>
    arm.policy === "broken" ? { kind: "ejected" } : runs(makespans[arm.policy ?? ""] ?? 3000);

  test("ranks candidates against the round's default, and a fault takes only its own out", async () => {
    const nodes = scriptedNodes(mixed);
    const [good, bad, broken] = await screened(nodes);
    expect(good?.measurement?.objective.improvementPercent).toBeCloseTo(20);
    expect(good?.measurement?.pairs).toHaveLength(3);
    expect(bad?.measurement?.objective.improvementPercent).toBeCloseTo(-10);
    expect(broken?.measurement).toBeNull();
    expect(broken?.failure?.rule).toBe("measure/ejected");
    // A round of four, then two rounds without the ejected one.
    expect(nodes.arms).toHaveLength(10);
  });

  test("interrupted, it answers with the rounds that it has", async () => {
    const stop = new AbortController();
    const nodes = scriptedNodes(mixed, { onMeasuredRun: (arms) => arms === 6 && stop.abort() });
    const [good] = await screened(nodes, { signal: stop.signal });
    expect(good?.measurement?.complete).toBe(false);
    expect(good?.measurement?.pairs.length).toBeGreaterThanOrEqual(1);
  });

  test("a fault of the default scheduler's run is an error", async () => {
    const nodes = scriptedNodes((arm) =>
      arm.policy === null ? { kind: "times-out" } : runs(2000),
    );
    expect((await failureOf(screened(nodes))).code).toBe("workload-timed-out");
  });
});
