import { expect, test } from "vitest";
import { workloadSchema } from "../contract/workload.ts";
import { traceOfRun } from "./probe.ts";
import { runnerHeader } from "./runner.ts";
import { tasksOf } from "./workload.ts";

const workload = workloadSchema.parse({
  name: "w",
  run: [
    { name: "server", command: "serve", background: true },
    { name: "client", count: 2, command: "ask 'twice'\nand again" },
  ],
  objective: { metric: "makespan", direction: "minimise" },
});

test("tasks are in the order of the entries, each in its entry's cgroup, commands in hex", () => {
  const request = {
    workload,
    timeLimitMs: 1,
    stopAfterMs: null,
    outputOf: ["client"],
    trace: false,
    disturbances: [],
  };
  const header = runnerHeader({
    directory: "/work/1",
    uid: 1000,
    gid: 1000,
    timeLimitMs: 5000,
    stopAfterMs: 100,
    killCgroup: "/c",
    outputTailBytes: 10,
    tasks: tasksOf(request, "/c"),
  });
  const hex = Buffer.from("ask 'twice'\nand again").toString("hex");
  expect(header).toEqual([
    "dir /work/1",
    "uid 1000",
    "gid 1000",
    "time-limit-ms 5000",
    "stop-after-ms 100",
    "kill-cgroup /c",
    "output-tail-bytes 10",
    "error-tail-bytes 2048",
    "task 0 0 1 0 /c/server 7365727665",
    `task 1 0 0 1 /c/client ${hex}`,
    `task 1 1 0 1 /c/client ${hex}`,
  ]);
});

test("a trace is shifted to the release, and what lies outside the run is cut off", () => {
  const entries = [
    { name: "a", cgroupId: 1n },
    { name: "b", cgroupId: 2n },
  ];
  const raw = {
    event: "trace" as const,
    waits: [[1, 2]],
    timeline: [
      [0, 0, 10, 900, 990],
      [0, 0, 10, 990, 1100],
      [1, 1, 11, 1200, 1300],
      [1, 1, 11, 2900, 3100],
      [1, 1, 11, 3100, 3200],
    ] as [number, number, number, number, number][],
    dropped: 4,
  };
  expect(traceOfRun(raw, entries, 1000, 2)).toEqual({
    entries: ["a", "b"],
    waits: [
      { entry: "a", buckets: [1, 2] },
      { entry: "b", buckets: [] },
    ],
    timeline: [
      [0, 0, 10, 0, 100],
      [1, 1, 11, 200, 300],
      [1, 1, 11, 1900, 2000],
    ],
    dropped: 4,
    makespanMs: 2,
  });
});
