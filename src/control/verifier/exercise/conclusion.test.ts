import { expect, test } from "vitest";
import type { DeploymentStatus, ExitRecord, RunReport } from "../../../contract/node-protocol.ts";
import { concludeTrial, isBelieved } from "./conclusion.ts";
import type { Observation, TrialRecord } from "./trial.ts";
import { basic } from "./trials/basic.ts";
import { changes } from "./trials/changes.ts";
import { fairShare } from "./trials/fair-share.ts";
import { realTimeHog } from "./trials/real-time-hog.ts";
import { revertOnDeath, revertOnUnload } from "./trials/revert.ts";
import { medianDelayMs, wakeLatency } from "./trials/wake-latency.ts";
import { trialGroups } from "./trials.ts";

const schedExt = { state: "enabled", ops: "p", enableSeq: 1, events: {} };
const live: DeploymentStatus = { state: "live", opsName: "p", exit: null, schedExt };

function left(kind: number, message: string): DeploymentStatus {
  const exit: ExitRecord = { kind, reason: "runnable task stall", message, log: [] };
  return { state: "ended", opsName: "p", exit, schedExt: { ...schedExt, state: "disabled" } };
}

function record(more: Partial<TrialRecord> = {}): TrialRecord {
  const nothing = { observations: [], disturbances: [], report: null, fault: null };
  return { ...nothing, status: live, ...more };
}

const rules = (trial: Parameters<typeof concludeTrial>[0], given: Partial<TrialRecord>) =>
  concludeTrial(trial, record(given)).findings.map(({ rule, severity }) => `${severity} ${rule}`);

/** Hogs of a trial after so many ms, each with the CPU time given. */
function seen(used: Record<string, number>, atMs: number): Observation[] {
  const at = (part: number): Observation => ({
    atMs: atMs * part,
    entries: Object.entries(used).map(([entry, cpuMs]) => ({ entry, cpuMs: cpuMs * part })),
    disturbances: [],
  });
  return [at(0.5), at(1)];
}

test("a stall is the policy's fault, but not under a real-time hog", () => {
  const status = left(1026, "hog-a[7] failed to run for 1.2s");
  expect(rules(basic, { status })).toEqual(["error exercise/stall"]);
  expect(rules(realTimeHog, { status })).toEqual(["note exercise/real-time-task"]);
});

test("an error of the policy's own stays its own under a real-time hog", () => {
  const status = left(1025, "no way");
  status.exit = { ...(status.exit as ExitRecord), reason: "scx_bpf_error" };
  expect(rules(realTimeHog, { status })).toContain("error exercise/ejected");
});

test("what hogs say in their names is escaped", () => {
  const status = left(1026, "\u001b[31mevil\nsecond line");
  const [finding] = concludeTrial(realTimeHog, record({ status })).findings;
  expect(finding?.message).not.toMatch(/[\u001b\n]/);
});

test("the kernel's wish for a restart after hotplug is no fault, elsewhere it is one", () => {
  const status = left(66, "");
  expect(concludeTrial(changes, record({ status }))).toMatchObject({
    findings: [],
    left: true,
    restart: true,
  });
  expect(rules(basic, { status })).toHaveLength(1);
});

test("a CPU that does not come back is starvation of the kernel's own threads", () => {
  const observations = seen({ "hog-a": 9, "hog-b": 9, "hog-c": 9 }, 15_000);
  expect(rules(changes, { observations })).toEqual(["error exercise/starved"]);
});

test("reverting is timed", () => {
  const status = left(64, "");
  const after = (durationMs: number) => [{ kind: "unload", atMs: 150, durationMs, failure: null }];
  expect(rules(revertOnUnload, { status, disturbances: after(1900) })).toEqual([]);
  expect(rules(revertOnUnload, { status, disturbances: after(2100) })).toEqual([
    "error exercise/revert",
  ]);
  expect(rules(revertOnDeath, {})).toEqual(["error exercise/revert"]);
});

test("a task that fails is to be tried without the policy", () => {
  const failure = {
    ...{ entry: "forker", index: 0, command: "x", exitCode: 2, signal: null },
    stderrTail: "Cannot fork\n",
  };
  const report = { outcome: "failed", failure } as unknown as RunReport;
  const failed = concludeTrial(basic, record({ report }));
  expect(failed).toMatchObject({ taskFailed: true, findings: [{ rule: "exercise/task-failed" }] });
  expect(failed.findings[0]?.message).toContain("Cannot fork");
  const fault = { isKill: false, message: "no process (ENOMEM)" };
  expect(concludeTrial(basic, record({ fault }))).toMatchObject({ taskFailed: true });
});

test("processes that don't die are a finding even where nothing else is", () => {
  const fault = { isKill: true, message: "" };
  expect(rules(basic, { fault })).toEqual(["error exercise/unkillable"]);
});

test("what could not be done to a run is said", () => {
  const disturbances = [{ kind: "unload", atMs: 1, durationMs: 1, failure: "EBUSY" }];
  expect(rules(basic, { disturbances })).toEqual(["note exercise/undisturbed"]);
});

test("equal hogs: a tenth of a share is enough, less is starved", () => {
  const fed = { "light-a": 90, "equal-a": 900, "equal-b": 900, "equal-c": 100 };
  expect(rules(fairShare, { observations: seen(fed, 15_000) })).toEqual([]);
  const starved = { ...fed, "equal-c": 20 };
  expect(rules(fairShare, { observations: seen(starved, 15_000) })).toEqual([
    "error exercise/starved",
  ]);
});

test("the sleeper's own words are numbers or nothing", () => {
  expect(medianDelayMs("3.0\n5.0\n4.0\n")).toBe(4);
  expect(medianDelayMs("3.0\n5.0\n")).toBeNull();
  expect(medianDelayMs("1e9\nNaN\n$(reboot)\n99999999999.0\n")).toBeNull();
});

test("a late sleeper is a warning, one that never wakes an error", () => {
  const observations = seen({ "hog-a": 500, "hog-b": 500, "hog-c": 500, sleeper: 30 }, 1000);
  const report = (delays: string) =>
    ({ outcome: "done", tasks: [{}], output: { sleeper: [delays] } }) as unknown as RunReport;
  const judged = (delays: string) => rules(wakeLatency, { observations, report: report(delays) });
  expect(judged("20.0\n30.0\n25.0\n")).toEqual([]);
  expect(judged("120.0\n130.0\n125.0\n")).toEqual(["warning exercise/wake-latency"]);
  // It was stopped before it said anything.
  const late = { "hog-a": 9000, "hog-b": 9000, "hog-c": 9000 };
  const slow = seen({ ...late, sleeper: 500 }, 15_000);
  const never = seen({ ...late, sleeper: 0 }, 15_000);
  expect(rules(wakeLatency, { observations: slow })).toEqual([]);
  expect(rules(wakeLatency, { observations: never })).toEqual(["error exercise/starved"]);
});

test("a robbed guest's stalls are not believed; its policy's errors and shares are", () => {
  const finding = (rule: string) => ({ rule, severity: "error", message: "", hint: "" }) as const;
  expect(isBelieved(finding("exercise/stall"), 0.2, 1200)).toBe(true);
  expect(isBelieved(finding("exercise/stall"), 0.3, 1200)).toBe(false);
  expect(isBelieved(finding("exercise/ejected"), 0.9, 1200)).toBe(true);
  expect(isBelieved(finding("exercise/starved"), 0.7, 1200)).toBe(true);
  expect(isBelieved(finding("exercise/starved"), 0.8, 1200)).toBe(false);
  expect(isBelieved(finding("exercise/revert"), 0.9, 30_000)).toBe(false);
});

test("a stall that lasted long enough is believed of a robbed guest too", () => {
  const stall = { rule: "exercise/stall", severity: "error", message: "", hint: "" } as const;
  expect(isBelieved(stall, 0.8, 4800)).toBe(true);
  expect(isBelieved(stall, 0.85, 4800)).toBe(false);
});

test("every trial has its own name, and can be undone by the guest's own limits", () => {
  const trials = trialGroups.flatMap((group) => group.trials);
  const ids = trials.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { windowMs, disturbances, workload, outputOf } of trials) {
    expect(windowMs.max).toBeLessThanOrEqual(15_000);
    for (const { atMs } of disturbances) expect(atMs).toBeLessThan(windowMs.max);
    for (const name of outputOf) expect(workload.run.map((run) => run.name)).toContain(name);
  }
});
