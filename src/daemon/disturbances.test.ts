import { expect, test } from "vitest";
import type { Disturbance } from "../contract/node-protocol.ts";
import type { Clock } from "./clock.ts";
import { DisturbedRun, type Disturber } from "./disturbances.ts";
import { NodeDisturber } from "./disturber.ts";

/** Time that goes on by what is slept, one macrotask later. */
function steppedClock(): Clock {
  let nowMs = 5000;
  return {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += ms;
    },
  };
}

const offline = (atMs: number): Disturbance => ({ atMs, kind: "cpu-offline", cpu: 1 });
const online = (atMs: number): Disturbance => ({ atMs, kind: "cpu-online", cpu: 1 });

/** Notes what is done and undone; fails at those kinds. */
function noting(fails: readonly string[] = []) {
  const notes: string[] = [];
  const disturber: Disturber = {
    disturb: async ({ kind, atMs }) => {
      if (fails.includes(kind)) throw new Error(`no ${kind}`);
      notes.push(`${kind}@${atMs}`);
      return async () => {
        notes.push(`undo ${kind}@${atMs}`);
      };
    },
  };
  return { notes, disturber };
}

async function settled(run: DisturbedRun, count: number): Promise<void> {
  for (let turns = 0; turns < 1000 && run.reports.length < count; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("each at its time, in order of time, and undone in reverse", async () => {
  const { notes, disturber } = noting();
  const run = new DisturbedRun([online(300), offline(100)], disturber, steppedClock());
  run.begin();
  await settled(run, 2);
  expect(run.reports.map(({ kind, atMs }) => [kind, atMs])).toEqual([
    ["cpu-offline", 100],
    ["cpu-online", 300],
  ]);
  await run.end();
  await run.end();
  expect(notes).toEqual([
    ...["cpu-offline@100", "cpu-online@300"],
    ...["undo cpu-online@300", "undo cpu-offline@100"],
  ]);
});

test("one that fails is told, and the others go on", async () => {
  const { notes, disturber } = noting(["cpu-offline"]);
  const run = new DisturbedRun([offline(10), online(20)], disturber, steppedClock());
  run.begin();
  await settled(run, 2);
  expect(run.reports.map(({ failure }) => failure)).toEqual(["no cpu-offline", null]);
  await run.end();
  expect(notes).toEqual(["cpu-online@20", "undo cpu-online@20"]);
});

test("the run's end begins no more, and waits for none that is still to come", async () => {
  const { notes, disturber } = noting();
  const clock: Clock = { nowMs: () => 0, sleep: () => new Promise(() => undefined) };
  const run = new DisturbedRun([offline(50_000)], disturber, clock);
  run.begin();
  expect(await run.end()).toEqual([]);
  expect(notes).toEqual([]);
});

test("a run that was never released has nothing to undo", async () => {
  const { notes, disturber } = noting();
  const run = new DisturbedRun([offline(0)], disturber, steppedClock());
  expect(await run.end()).toEqual([]);
  expect(notes).toEqual([]);
});

test("one undo that fails does not keep the others from being done", async () => {
  const undone: string[] = [];
  const disturber: Disturber = {
    disturb:
      async ({ kind }) =>
      async () => {
        undone.push(kind);
        if (kind === "cpu-online") throw new Error("stuck");
      },
  };
  const run = new DisturbedRun([offline(1), online(2)], disturber, steppedClock());
  run.begin();
  await settled(run, 2);
  await expect(run.end()).rejects.toThrow("stuck");
  expect(undone).toEqual(["cpu-online", "cpu-offline"]);
});

test("a weight takes the cpu controller, and gives it back", async () => {
  const calls: string[] = [];
  const disturber = new NodeDisturber({
    cgroups: {
      processesOf: async () => [],
      enableWeights: async (enabled) => {
        calls.push(`controller ${enabled}`);
      },
      setWeight: async (entry, weight) => {
        calls.push(`${entry} ${weight}`);
      },
    },
    deployment: {
      unload: async () => Promise.reject(new Error()),
      killLoader: async () => undefined,
    },
    clock: steppedClock(),
    cpuDirectory: "/nowhere",
    serverDirectory: "/nowhere",
    run: async () => undefined,
    startHog: async (cpu) => {
      calls.push(`hog ${cpu}`);
      return () => {
        calls.push("hog ends");
      };
    },
  });
  const undo = await disturber.disturb({ atMs: 0, kind: "cpu-weight", entry: "a", weight: 7 });
  await undo?.();
  const end = await disturber.disturb({
    atMs: 0,
    kind: "real-time-hog",
    cpu: 0,
    durationMs: 60_000,
  });
  await end?.();
  expect(calls).toEqual(["controller true", "a 7", "controller false", "hog 0", "hog ends"]);
});
