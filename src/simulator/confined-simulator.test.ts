// What becomes of a simulation whose worker hangs, dies, eats memory or is no longer wanted: with workers
// that do just that in place of the real one.

import { expect, test } from "vitest";
import { ConfinedSimulator } from "./confined-simulator.ts";
import type { SimulationTask } from "./simulation-task.ts";

const task: SimulationTask = {
  policyName: "p",
  objectBytes: new Uint8Array(4),
  knobs: {},
  hints: {},
  subject: { kind: "suite", seed: 1, topology: null },
  record: false,
};
const btf = new Uint8Array(8);

/** Sees `parentPort`, `count` of requests so far, and the request. */
function workerOf(onMessage: string): URL {
  const code = `import { parentPort } from "node:worker_threads";
    let count = 0;
    parentPort.on("message", (request) => { count++; ${onMessage} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

const outcome = `{ verdict: "pass", findings: [], unsupported: [], scenarios: [], recordings: [], recorded: null, timesFrom: String(count) + (request.kernelBtf === null ? "" : " new types") }`;
const echo = `parentPort.postMessage({ ok: true, outcome: ${outcome} });`;

test("the worker stays warm: the kernel's types go over once", async () => {
  const simulator = new ConfinedSimulator({}, workerOf(echo));
  const [first, second] = await Promise.all([simulator.run(task, btf), simulator.run(task, btf)]);
  expect([first.timesFrom, second.timesFrom]).toEqual(["1 new types", "2"]);
  expect((await simulator.run(task, new Uint8Array(8))).timesFrom).toBe("3 new types");
  await simulator.close();
});

test("one that hangs is ended and inconclusive, and the next one is a fresh one's", async () => {
  const hangs = `if (request.task.policyName === "hang") for (;;); ${echo}`;
  const simulator = new ConfinedSimulator({ timeMsMax: 400 }, workerOf(hangs));
  const hung = await simulator.run({ ...task, policyName: "hang" }, btf);
  expect(hung).toMatchObject({
    verdict: "inconclusive",
    findings: [{ rule: "simulate/time-limit" }],
  });
  expect((await simulator.run(task, btf)).timesFrom).toBe("1 new types");
  await simulator.close();
});

test.each([
  ["process.exit(3)", "simulate/worker-died"],
  ['setTimeout(() => { throw new Error("broken"); }, 0)', "simulate/worker-died"],
  ["const all = []; for (;;) all.push(new Array(1e5).fill({}));", "simulate/memory-limit"],
])("one that does %s is inconclusive", async (code, rule) => {
  const simulator = new ConfinedSimulator({ heapMibMax: 32 }, workerOf(code));
  const died = await simulator.run(task, btf);
  expect(died.verdict).toBe("inconclusive");
  expect(died.findings.map((finding) => finding.rule)).toEqual([rule]);
  await simulator.close();
});

test("an abort ends it at once, also one that waits its turn", async () => {
  const simulator = new ConfinedSimulator({}, workerOf("for (;;);"));
  const abort = new AbortController();
  const running = simulator.run(task, btf, abort.signal);
  const waiting = simulator.run(task, btf, abort.signal);
  abort.abort(new Error("no longer wanted"));
  await expect(running).rejects.toThrow("no longer wanted");
  await expect(waiting).rejects.toThrow("no longer wanted");
  await simulator.close();
});

test("wrong use is thrown with its code", async () => {
  const error = { code: "parameter-invalid", message: "no knob x", hint: "Its knobs are y." };
  const reply = `parentPort.postMessage({ ok: false, error: ${JSON.stringify(error)} });`;
  const simulator = new ConfinedSimulator({}, workerOf(reply));
  await expect(simulator.run(task, btf)).rejects.toMatchObject(error);
  await simulator.close();
});
