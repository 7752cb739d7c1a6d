import { describe, expect, test } from "vitest";
import { SchedcpError } from "../contract/errors.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { flatTopology } from "./scenario/topology.ts";
import { parseScenario } from "./scenario-file.ts";

const scenario: Scenario = {
  name: "two",
  topology: flatTopology(2),
  cgroups: [{ name: "", parent: null, weight: 100 }],
  tasks: [
    {
      entry: "a",
      comm: "a",
      count: 2,
      startNs: { minNs: 0, maxNs: 5 },
      nice: 0,
      policy: "normal",
      cpus: [1],
      cgroup: 0,
      kernelThread: false,
      steps: [
        {
          do: "repeat",
          times: 3,
          steps: [
            { do: "run", ns: 1000 },
            { do: "sleep", ns: 10 },
          ],
        },
        { do: "signal", channel: 0, count: 2, sync: true },
      ],
      loop: false,
      background: false,
    },
  ],
  events: [{ atNs: 5, do: "cpu-offline", cpu: 1 }],
  durationNs: 1e9,
  seed: 7,
};

function messageOf(document: unknown): string {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  try {
    parseScenario(text, "f.json");
  } catch (error) {
    if (error instanceof SchedcpError && error.code === "file-unreadable") return error.message;
    throw error;
  }
  return "no error";
}

describe("a scenario is found", () => {
  test.each([
    ["bare", scenario],
    ["in a counterexample", { scenario, seed: 7 }],
    ["in a finding", { rule: "r", counterexample: { scenario } }],
    ["in the second finding of a report", { findings: [{}, { counterexample: { scenario } }] }],
  ])("%s", (_, document) => {
    expect(parseScenario(JSON.stringify(document), "f.json")).toEqual(scenario);
  });
});

describe("what is wrong is named by its place", () => {
  const [task] = scenario.tasks;
  const withTopology = (change: object) => ({
    ...scenario,
    topology: { ...scenario.topology, ...change },
  });
  const withTask = (change: object) => ({ ...scenario, tasks: [{ ...task, ...change }] });
  test.each<[string, unknown, string]>([
    ["no JSON", "{", "not JSON"],
    ["no scenario", { findings: [] }, "neither a scenario nor a counterexample"],
    ["a null", "null", "neither a scenario nor a counterexample"],
    ["an unknown key", { ...scenario, extra: 1 }, "extra"],
    ["a negative time", withTask({ startNs: -1 }), "tasks.0.startNs"],
    [
      "a range upside down",
      withTask({ startNs: { minNs: 5, maxNs: 4 } }),
      "tasks.0.startNs: minNs is above maxNs",
    ],
    [
      "a step's range upside down",
      withTask({ steps: [{ do: "run", ns: { minNs: 5, maxNs: 4 } }] }),
      "minNs is above maxNs",
    ],
    ["a CPU without capacity", withTopology({ capacityOf: [1024, 0] }), "topology.capacityOf.1"],
    ["too much capacity", withTopology({ capacityOf: [1025, 1] }), "topology.capacityOf.0"],
    [
      "a core in two caches",
      withTopology({ coreOf: [3, 3], llcOf: [0, 1] }),
      "topology.coreOf: core 3 lies in two last-level caches",
    ],
    [
      "a cache in two nodes",
      withTopology({ llcOf: [0, 0], nodeOf: [0, 1] }),
      "topology.llcOf: last-level cache 0 lies in two nodes",
    ],
    ["too many tasks", withTask({ count: 1e6 }), "tasks.0.count"],
    ["a CPU that is not there", withTask({ cpus: [2] }), "tasks.0.cpus: the machine has 2 CPUs"],
    ["a cgroup that is not there", withTask({ cgroup: 1 }), "there is no cgroup 1"],
    ["a fork of nobody", withTask({ steps: [{ do: "fork", task: 4 }] }), "no task 4 to fork"],
    ["a long comm", withTask({ comm: "sixteen-bytes-xx" }), "tasks.0.comm"],
    [
      "an event's CPU",
      { ...scenario, events: [{ atNs: 1, do: "cpu-offline", cpu: 9 }] },
      "events.0.cpu",
    ],
    [
      "a crooked topology",
      { ...scenario, topology: { ...scenario.topology, nodeOf: [0] } },
      "topology: its lists differ in length",
    ],
  ])("%s", (_, document, message) => {
    expect(messageOf(document)).toContain(message);
  });

  test("nesting without end", () => {
    const deep = `${'[{"do":"repeat","times":1,"steps":'.repeat(50_000)}[]${"}]".repeat(50_000)}`;
    const text = JSON.stringify(withTask({ steps: "here" })).replace('"here"', deep);
    expect(messageOf(text)).toMatch(/nested too deeply|not JSON/);
  });

  test.each([
    ['{"counterexample":', "}"],
    ['{"findings":[', "]}"],
  ])("wrappings without end: %s", (open, close) => {
    const text = `${open.repeat(200_000)}1${close.repeat(200_000)}`;
    expect(messageOf(text)).toContain("neither a scenario nor a counterexample");
  });
});
