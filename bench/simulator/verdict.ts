// How long the simulator takes to its verdict. Cold: `schedcp simulate` in a process of its own, from C
// source and from an object, on the whole adversarial suite. Warm: load, translate and a first short run
// in a confined process that has the kernel's types already. `sh bin/node bench/simulator/verdict.ts [RUNS]`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfinedJudge } from "../../src/control/confinement/confined-judge.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import { openLab } from "../../src/lab/lab.ts";
import type { Scenario } from "../../src/simulator/scenario/scenario.ts";
import { flatTopology } from "../../src/simulator/scenario/topology.ts";
import type { SimulationTask } from "../../src/simulator/simulation-task.ts";
import { report, timing } from "../timing.ts";

const runs = Number(process.argv[2] ?? 5);
const directory = mkdtempSync(join(tmpdir(), "schedcp-bench-"));
const lab = await openLab({ mayBuild: false });
const { btf } = await lab.kernelTypes(() => undefined);
const vmlinuxHeaderPath = await lab.vmlinuxHeader(() => undefined);

/** One task, one CPU, 10 ms: what is left is loading and translating. */
const shortest: Scenario = {
  name: "shortest",
  topology: flatTopology(1),
  cgroups: [{ name: "", parent: null, weight: 100 }],
  tasks: [
    {
      ...{ entry: "a", comm: "a", count: 1, startNs: 0, nice: 0, policy: "normal", cpus: null },
      ...{ cgroup: 0, kernelThread: false, loop: false, background: false },
      steps: [{ do: "run", ns: 10_000_000 }],
    },
  ],
  events: [],
  durationNs: 1_000_000_000,
  seed: 1,
};

for (const policy of ["fifo", "weighted-vtime", "longest-first"]) {
  const source = `policies/${policy}/policy.bpf.c`;
  const text = readFileSync(source, "utf8");
  const compiled = await compilePolicy({ name: policy, source: text, vmlinuxHeaderPath });
  if (!compiled.ok) throw new Error(`${policy} does not compile`);
  const object = join(directory, `${policy}.bpf.o`);
  writeFileSync(object, compiled.object);
  for (const [form, file] of [
    ["source", source],
    ["object", object],
  ] as const) {
    let verdict = "";
    const cold = await timing(runs, async () => {
      const { status, stdout, stderr } = spawnSync("bin/schedcp", ["simulate", file, "--json"]);
      if (status !== 0 && status !== 1) throw new Error(`${file} ended with ${status}: ${stderr}`);
      verdict = /"verdict":"(\w+)"/.exec(stdout.toString())?.[1] ?? "";
    });
    report(`cold, ${policy} as ${form}, suite: ${verdict}`, cold, 3000);
  }
  await warm(policy, compiled.object);
}
rmSync(directory, { recursive: true });
await lab.close();

async function warm(policyName: string, objectBytes: Uint8Array): Promise<void> {
  const judge = new ConfinedJudge();
  const rest = { policyName, objectBytes, knobs: {}, hints: {}, record: false };
  const task: SimulationTask = { ...rest, subject: { kind: "scenario", scenario: shortest } };
  const work = () => judge.simulate(task, btf);
  for (let first = 0; first < 3; first++) await work();
  report(`warm, ${policyName}: load, translate, first run`, await timing(4 * runs, work), 60);
  await judge.close();
}
