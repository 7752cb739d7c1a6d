// A scenario as a workload for a guest: guest-tasks.c carries it out with real processes. What the
// program can't do is refused. Called by guest-run.ts.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Workload, workloadSchema } from "../../src/contract/workload.ts";
import type { Scenario, Step, TaskSpec } from "../../src/simulator/scenario/scenario.ts";

/** Characters of base64 in one command of the set-up; a command may have 8192 in all. */
const chunkChars = 8000;
const schedExt = 7;

let program: Promise<string> | undefined;

export async function guestWorkload(scenario: Scenario): Promise<Workload> {
  program ??= compileTasks();
  const base64 = await program;
  const setup = [];
  for (let at = 0; at < base64.length; at += chunkChars) {
    setup.push({ command: `printf %s ${base64.slice(at, at + chunkChars)} >> program` });
  }
  setup.push({ command: "base64 -d program > f-main && chmod +x f-main" });
  const specs = scenario.tasks.map((task, index) => `'${specWords(task, index, scenario)}'`);
  return workloadSchema.parse({
    name: scenario.name,
    setup,
    run: [{ name: "main", command: `exec ./f-main ${specs.join(" ")}` }],
    objective: { metric: "makespan", direction: "minimise" },
  });
}

/** The program, in base64. */
async function compileTasks(): Promise<string> {
  const source = fileURLToPath(new URL("guest-tasks.c", import.meta.url));
  const directory = await mkdtemp(join(tmpdir(), "schedcp-fidelity-"));
  const target = join(directory, "f-main");
  const free = ["-static", "-nostdlib", "-ffreestanding", "-fno-builtin", "-fno-stack-protector"];
  const small = ["-Wl,-z,noseparate-code,--build-id=none,-z,norelro", "-s", "-fno-pie", "-no-pie"];
  await promisify(execFile)("cc", ["-O2", ...free, ...small, source, "-o", target]);
  const bytes = await readFile(target);
  await rm(directory, { recursive: true });
  return bytes.toString("base64");
}

function specWords(task: TaskSpec, index: number, scenario: Scenario): string {
  const isMain = index === 0;
  const plain = task.nice === 0 && task.cpus === null && task.cgroup === 0 && !task.loop;
  if (!plain || task.count !== (isMain ? 1 : 0)) {
    throw new Error(
      `${task.comm}: a real process starts plainly, and only the first is not forked`,
    );
  }
  const policy = isMain && task.policy === "ext" ? [`k${schedExt}`] : [];
  return [task.comm, ...policy, ...task.steps.flatMap((step) => stepWords(step, scenario))].join(
    " ",
  );
}

function stepWords(step: Step, scenario: Scenario): string[] {
  switch (step.do) {
    case "run":
      return [`r${fixed(step.ns)}`];
    case "sleep":
      return [`s${fixed(step.ns)}`];
    case "wait":
      return [`${isPipe(step.channel, scenario) ? "q" : "w"}${step.channel}`];
    case "signal":
      if (isPipe(step.channel, scenario)) return Array(step.count ?? 1).fill(`p${step.channel}`);
      return [`g${step.channel}.${step.count ?? 1}`];
    case "fork":
      return [`f${step.task}`];
    case "join":
      return ["j"];
    case "yield":
      return ["y"];
    case "affinity":
      return [`a${step.cpus.reduce((mask, cpu) => mask | (1 << cpu), 0)}`];
    case "nice":
      return [`n${step.nice}`];
    case "exec":
      return [`e${step.comm}`];
    case "exit":
      return ["x"];
    case "repeat":
      return [`(${step.times}`, ...step.steps.flatMap((each) => stepWords(each, scenario)), ")"];
    case "cgroup":
      throw new Error("a guest's task does not change its cgroup by itself");
  }
}

function fixed(ns: number | object): number {
  if (typeof ns !== "number") throw new Error("a real process has no use for a range of times");
  return ns;
}

/** A pipe wakes with WF_SYNC, an eventfd does not. */
function isPipe(channel: number, scenario: Scenario): boolean {
  const synchronous = (steps: readonly Step[]): boolean =>
    steps.some(
      (step) =>
        (step.do === "repeat" && synchronous(step.steps)) ||
        (step.do === "signal" && step.channel === channel && step.sync === true),
    );
  return scenario.tasks.some((task) => synchronous(task.steps));
}
