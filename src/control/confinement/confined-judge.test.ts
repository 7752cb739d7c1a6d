// What becomes of a task whose process hangs, dies, eats memory, lies or is no longer wanted: with
// processes that do just that in place of the real one. And what the real one can reach of the host.

import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import type { SimulationTask } from "../../simulator/simulation-task.ts";
import { ConfinedJudge } from "./confined-judge.ts";

const task: SimulationTask = {
  policyName: "p",
  objectBytes: new Uint8Array(4),
  knobs: {},
  hints: {},
  subject: { kind: "suite", seed: 1, topology: null },
  record: false,
};
const btf = new Uint8Array(8);

/** Sees `request` (a line's JSON), `tasks` so far, `types` that came before this one, and `say`. */
function processOf(onTask: string, ...flags: string[]) {
  const code = `let tasks = 0, types = 0;
    const say = (reply) => process.stdout.write(JSON.stringify(reply) + "\\n");
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const request = JSON.parse(line);
      if (request.kind === "types") { types++; return; }
      tasks++; ${onTask}
    });`;
  return async () =>
    spawn(process.execPath, [...flags, "-e", code], { stdio: "pipe", detached: true });
}

const outcome = `{ verdict: "pass", findings: [], unsupported: [], scenarios: [], recordings: [], recorded: null, timesFrom: tasks + "/" + types }`;
const echo = `say({ ok: true, outcome: ${outcome} });`;

test("the process stays warm: the kernel's types go over once", async () => {
  const judge = new ConfinedJudge({ start: processOf(echo) });
  const answers = await Promise.all([judge.simulate(task, btf), judge.simulate(task, btf)]);
  expect(answers.map(({ timesFrom }) => timesFrom)).toEqual(["1/1", "2/1"]);
  expect((await judge.simulate(task, new Uint8Array(8))).timesFrom).toBe("3/2");
  await judge.close();
});

test("one that hangs is ended and inconclusive, and the next one is a fresh one's", async () => {
  const hangs = `if (request.task.policyName === "hang") for (;;); ${echo}`;
  const judge = new ConfinedJudge({ timeMsMax: 1000, start: processOf(hangs) });
  const hung = await judge.simulate({ ...task, policyName: "hang" }, btf);
  expect(hung).toMatchObject({
    verdict: "inconclusive",
    findings: [{ rule: "simulate/time-limit" }],
  });
  expect((await judge.simulate(task, btf)).timesFrom).toBe("1/1");
  await judge.close();
});

test.each([
  ["process.exit(3)", "simulate/worker-died"],
  ['throw new Error("broken")', "simulate/worker-died"],
  ['process.stdout.write("no message\\n")', "simulate/worker-died"],
  ['say({ ok: true, outcome: { verdict: "pass" } })', "simulate/worker-died"],
  [
    `say({ ok: true, outcome: { ...${outcome}, findings: [{ rule: 1 }] } })`,
    "simulate/worker-died",
  ],
  ["const all = []; for (;;) all.push(new Array(1e5).fill({}));", "simulate/memory-limit"],
])("one that does %s is inconclusive", async (code, rule) => {
  const judge = new ConfinedJudge({ start: processOf(code, "--max-old-space-size=32") });
  const died = await judge.simulate(task, btf);
  expect(died.verdict).toBe("inconclusive");
  expect(died.findings.map((finding) => finding.rule)).toEqual([rule]);
  await judge.close();
});

test("an abort ends it at once, also one that waits its turn", async () => {
  const judge = new ConfinedJudge({ start: processOf("for (;;);") });
  const abort = new AbortController();
  const running = judge.simulate(task, btf, abort.signal);
  const waiting = judge.simulate(task, btf, abort.signal);
  abort.abort(new Error("no longer wanted"));
  await expect(running).rejects.toThrow("no longer wanted");
  await expect(waiting).rejects.toThrow("no longer wanted");
  await judge.close();
});

test("wrong use is thrown with its code", async () => {
  const error = { code: "parameter-invalid", message: "no knob x", hint: "Its knobs are y." };
  const judge = new ConfinedJudge({
    start: processOf(`say({ ok: false, error: ${JSON.stringify(error)} });`),
  });
  await expect(judge.simulate(task, btf)).rejects.toMatchObject(error);
  await judge.close();
});

test("a confinement that can't be had is thrown, and asked for again the next time", async () => {
  let starts = 0;
  const start = async () => {
    starts++;
    throw new Error("no bubblewrap here");
  };
  const judge = new ConfinedJudge({ start });
  await expect(judge.simulate(task, btf)).rejects.toThrow("no bubblewrap here");
  await expect(judge.simulate(task, btf)).rejects.toThrow("no bubblewrap here");
  expect(starts).toBe(2);
  await judge.close();
});
