import fc from "fast-check";
import { expect, test } from "vitest";
import { rootCgroup, scenario } from "../scenario/family.ts";
import { flatTopology, llcTopology } from "../scenario/topology.ts";
import type { Check } from "./check.ts";
import { Ledger, type TaskRecord, type Wait } from "./ledger.ts";

class Waits implements Check {
  readonly seen: { task: number; wait: Wait; service: number }[] = [];
  waitEnded(_now: number, task: TaskRecord, wait: Wait): void {
    this.seen.push({ task: task.id, wait: { ...wait }, service: task.ranNs });
  }
  finish(): [] {
    return [];
  }
  readings(): [] {
    return [];
  }
}

function ledgerOf(topology = flatTopology(1)): { ledger: Ledger; waits: Waits } {
  const waits = new Waits();
  const parts = {
    name: "t",
    topology,
    tasks: [],
    durationNs: 1e12,
    seed: 0,
    cgroups: [rootCgroup],
  };
  return { ledger: new Ledger(scenario(parts), [waits]), waits };
}

const start = (pid: number, weight: number, cpus: readonly number[]) => ({
  ...{ spec: 0, instance: 0, comm: `t${pid}` },
  ...{ pid, weight, cpus },
});

test("a wait earns the lesser of the share by weight and the equal share", () => {
  const { ledger, waits } = ledgerOf();
  ledger.taskStarted(0, 0, start(1, 300, [0]));
  ledger.taskStarted(0, 1, start(2, 100, [0]));
  ledger.woken(0, 0, 0);
  ledger.woken(0, 1, 0);
  ledger.running(0, 0, 0);
  // A quarter by weight is less than a half.
  ledger.stopped(1000, 0, 0, true);
  ledger.running(1000, 1, 0);
  // Half as an equal is less than three quarters.
  ledger.finish(1500);
  const of = (task: number) => waits.seen.filter((each) => each.task === task).at(-1)?.wait;
  expect(of(1)).toMatchObject({ ns: 1000, earnedNs: 250, idleNs: 0, open: false, woke: true });
  expect(of(0)).toMatchObject({ ns: 500, earnedNs: 250, open: true, woke: false });
});

test("idle CPUs beside a wait count where the task may use them, apart by cache", () => {
  const { ledger, waits } = ledgerOf(llcTopology(2, 1));
  ledger.taskStarted(0, 0, start(1, 100, [0, 1]));
  ledger.taskStarted(0, 1, start(2, 100, [0]));
  ledger.woken(0, 0, 0);
  ledger.running(0, 0, 0);
  ledger.stopped(100, 0, 0, true);
  ledger.woken(100, 1, 0);
  ledger.running(100, 1, 0);
  ledger.finish(400);
  const [, , open] = waits.seen;
  // CPU 1 was idle from 100 to 400, under the other cache; task 1 may not use it and ran anyway.
  expect(open).toMatchObject({ task: 0, wait: { ns: 300, idleNs: 300, idleNearNs: 0 } });
  expect(ledger.sets.map((set) => set.wastedNs(400))).toEqual([0, 0]);
});

test("offline and real-time CPUs are neither idle nor a share", () => {
  const { ledger, waits } = ledgerOf(flatTopology(2));
  ledger.online(0, 1, false);
  ledger.idle(0, 0, true);
  ledger.taskStarted(0, 0, start(1, 100, [0, 1]));
  ledger.woken(0, 0, 0);
  ledger.finish(1000);
  expect(waits.seen[0]?.wait).toMatchObject({ ns: 1000, idleNs: 0, earnedNs: 0 });
});

test("what ends a run does not hide that the policy held a task", () => {
  const { ledger, waits } = ledgerOf();
  ledger.taskStarted(0, 0, start(1, 100, [0]));
  ledger.woken(10, 0, 0);
  ledger.heldByPolicy(10, 0);
  ledger.queued(900, 0, 2, 0x80000000);
  ledger.exited(900, { kind: 1026, code: 0, reason: "", message: "" });
  expect(waits.seen[0]?.wait.held).toBe(true);
  ledger.running(950, 0, 0);
  expect(waits.seen).toHaveLength(1);
});

test("property: time is either waited, run or slept, and earnings never exceed the CPUs", () => {
  const move = fc.record({
    task: fc.nat({ max: 3 }),
    after: fc.nat({ max: 50 }),
    what: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
      const { ledger, waits } = ledgerOf(flatTopology(2));
      const phase = [0, 0, 0, 0];
      let now = 0;
      const busy: (number | null)[] = [null, null];
      for (let task = 0; task < 4; task += 1) {
        ledger.taskStarted(0, task, start(task, 50 * (task + 1), [0, 1]));
      }
      for (const { task, after, what } of moves) {
        now += after;
        const cpu = busy.indexOf(null);
        if (phase[task] === 0) {
          ledger.woken(now, task, 0);
          phase[task] = 1;
        } else if (phase[task] === 1 && cpu >= 0) {
          ledger.running(now, task, cpu);
          ledger.busy(now, cpu);
          busy[cpu] = task;
          phase[task] = 2;
        } else if (phase[task] === 2) {
          const at = busy.indexOf(task);
          const runnable = what % 2 === 0;
          ledger.stopped(now, task, at, runnable);
          ledger.idle(now, at, false);
          busy[at] = null;
          phase[task] = runnable ? 1 : 0;
        }
      }
      ledger.finish(now);
      const ran = ledger.tasks.reduce((sum, task) => sum + task.ranNs, 0);
      expect(ran).toBe(ledger.ranNs);
      expect(ran).toBeLessThanOrEqual(2 * now);
      for (const { wait } of waits.seen) {
        expect(wait.earnedNs).toBeLessThanOrEqual(wait.ns + 1e-6);
        expect(wait.idleNearNs).toBeLessThanOrEqual(wait.idleNs + 1e-6);
        expect(wait.idleNs).toBeLessThanOrEqual(wait.ns + 1e-6);
      }
    }),
  );
});
