// Sequences of ops as kernel/sched/ext/ext.c makes them (7.2), with the reason beside each.

import { expect, test } from "vitest";
import { enq, kick } from "../flags.ts";
import { opsFlags } from "../policy-ops.ts";
import type { KernelSlot } from "../testing/native-policy.ts";
import { nativePolicy } from "../testing/native-policy.ts";
import { fifoPolicy } from "../testing/policies.ts";
import { runNative, watchedOps } from "../testing/run.ts";
import { scenarioOf, taskSpec } from "../testing/scenarios.ts";

const local = 2;
const builtin = 0x8000_0000;
const localOn = 0xc000_0000;
const ms = 1_000_000;

test("one CPU: select_cpu is skipped, dispatch comes before stopping and the re-enqueue", () => {
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: 30 * ms }], { count: 2 })]);
  const { ops, summary } = runNative(scenario, (slot) => fifoPolicy(slot, watchedOps));
  expect(ops).toEqual([
    "set_weight(0)",
    "runnable(0)",
    "enqueue(0)",
    "set_weight(1)",
    "runnable(1)",
    "enqueue(1)",
    "dispatch(cpu 0, -1)",
    // Leaves the policy's custody for a local DSQ (local_dsq_post_enq), inside dispatch.
    "dequeue(0)",
    "running(0)",
    // The slice of 20 ms began just after a tick's grid: it ends at the tick at 24 ms.
    "dispatch(cpu 0, 0)",
    "dequeue(1)",
    "stopping(0)",
    "enqueue(0)",
    "running(1)",
    "dispatch(cpu 0, 1)",
    "dequeue(0)",
    "stopping(1)",
    "enqueue(1)",
    "running(0)",
    // Exiting, it is first taken out and put back (sched_autogroup_exit_task).
    "stopping(0)",
    "quiescent(0)",
    "runnable(0)",
    "running(0)",
    // Sleeping or exiting: dequeue_task_scx calls stopping early, so that it lies inside quiescent.
    "stopping(0)",
    "quiescent(0)",
    "dispatch(cpu 0, 0)",
    "dequeue(1)",
    "running(1)",
    "stopping(1)",
    "quiescent(1)",
    "runnable(1)",
    "running(1)",
    "stopping(1)",
    "quiescent(1)",
    "dispatch(cpu 0, 1)",
  ]);
  expect(summary.finished).toBe(true);
});

test("a wake-up with an idle CPU is dispatched from select_cpu: enqueue is not called", () => {
  const steps = [
    { do: "run", ns: ms },
    { do: "sleep", ns: ms },
    { do: "run", ns: ms },
  ] as const;
  const scenario = scenarioOf(2, [taskSpec([...steps])]);
  const cycle = ["runnable(0)", "running(0)", "stopping(0)", "quiescent(0)"];
  const sleeps = [...cycle, "dispatch(cpu 0, 0)"];
  // sched_autogroup_exit_task: once more around, in place.
  const exits = [...cycle, ...sleeps];
  const own = runNative(scenario, (slot) => fifoPolicy(slot, watchedOps)).ops;
  expect(own).toEqual(["set_weight(0)", "select_cpu(0)", ...sleeps, "select_cpu(0)", ...exits]);
  // A missing select_cpu is the default pick with direct dispatch.
  const missing = runNative(scenario, () =>
    nativePolicy({ ...watchedOps, enqueue: () => undefined, dispatch: () => undefined }),
  ).ops;
  expect(missing).toEqual(["set_weight(0)", ...sleeps, ...exits]);
});

test("the last runnable task is kept without running or stopping, its slice refilled", () => {
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: 50 * ms }])]);
  const { ops } = runNative(scenario, (slot) => fifoPolicy(slot, watchedOps));
  // The second is its exit's.
  expect(ops.filter((op) => op === "running(0)")).toHaveLength(2);
  expect(ops.filter((op) => op === "dispatch(cpu 0, 0)").length).toBeGreaterThan(1);
});

test("SCX_OPS_ENQ_LAST: the last task is enqueued with SCX_ENQ_LAST instead", () => {
  const seen: number[] = [];
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: 30 * ms }])]);
  const { summary } = runNative(scenario, (slot) =>
    nativePolicy({
      settings: { flags: opsFlags.enqLast },
      enqueue: (task, flags) => {
        seen.push(flags);
        slot.kernel.insert(task, local, builtin, 20 * ms, flags);
        slot.kernel.kick(0, 0);
      },
    }),
  );
  expect(seen).toContain(enq.last);
  expect(summary.finished).toBe(true);
});

test("DSQ_LOCAL in select_cpu is the selected CPU's", () => {
  const scenario = scenarioOf(3, [taskSpec([{ do: "run", ns: ms }])]);
  const ran: number[] = [];
  runNative(
    scenario,
    (slot) =>
      nativePolicy({
        selectCpu: (task) => {
          slot.kernel.insert(task, local, builtin, 20 * ms, 0);
          return 2;
        },
      }),
    { running: (_now, _task, cpu) => ran.push(cpu) },
  );
  expect(ran).toEqual([2]);
});

test("a change of nice is a dequeue and an enqueue around set_weight", () => {
  const scenario = scenarioOf(1, [
    taskSpec([
      { do: "run", ns: ms },
      { do: "nice", nice: 5 },
      { do: "run", ns: ms },
    ]),
  ]);
  const { ops } = runNative(scenario, (slot) => fifoPolicy(slot, watchedOps));
  expect(ops.slice(6, 11)).toEqual([
    "stopping(0)",
    "quiescent(0)",
    "set_weight(0)",
    "runnable(0)",
    // ENQUEUE_RESTORE of the current task: straight to the local DSQ, not through the policy.
    "running(0)",
  ]);
});

test("a change of affinity moves the task off a CPU that is no longer allowed", () => {
  const scenario = scenarioOf(2, [
    taskSpec([
      { do: "run", ns: ms },
      { do: "affinity", cpus: [1] },
      { do: "run", ns: ms },
    ]),
  ]);
  const { ops, summary } = runNative(scenario, (slot) => fifoPolicy(slot, watchedOps));
  expect(ops.slice(4, 12)).toEqual([
    "stopping(0)",
    "quiescent(0)",
    "set_cpumask(0)",
    "runnable(0)",
    "running(0)",
    // The stopper preempts it and moves it: neither quiescent nor runnable, but an enqueue.
    "stopping(0)",
    "enqueue(0)",
    "dispatch(cpu 0, -1)",
  ]);
  expect(summary.tasks[0]?.migrations).toBe(1);
  expect(summary.finished).toBe(true);
});

test("a task that waits with the policy hears of a change as dequeue with SCX_DEQ_SCHED_CHANGE", () => {
  const flags: number[] = [];
  const scenario = scenarioOf(
    1,
    [taskSpec([{ do: "run", ns: 40 * ms }]), taskSpec([{ do: "run", ns: ms }])],
    { events: [{ atNs: 2 * ms, do: "nice", task: 1, nice: 3 }] },
  );
  const { ops } = runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      ...watchedOps,
      dequeue: (_task, deqFlags) => {
        flags.push(deqFlags);
      },
    }),
  );
  const at = ops.lastIndexOf("set_weight(1)");
  expect(ops.slice(at - 2, at + 3)).toEqual([
    "dequeue(1)",
    "quiescent(1)",
    "set_weight(1)",
    "runnable(1)",
    "enqueue(1)",
  ]);
  expect(flags[1]).toBe(1 << 17);
});

test("a real-time hog: the task stays first in line, cpu_release and cpu_acquire frame it", () => {
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: 5 * ms }])], {
    events: [{ atNs: 2 * ms, do: "realtime", cpu: 0, ns: 3 * ms }],
  });
  const { ops, summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      ...watchedOps,
      cpuAcquire: () => undefined,
      cpuRelease: () => undefined,
    }),
  );
  expect(ops.slice(6, 10)).toEqual([
    "stopping(0)",
    "cpu_release(-1)",
    "cpu_acquire(-1)",
    "running(0)",
  ]);
  expect(summary.cpus[0]?.realtimeNs).toBe(3 * ms);
});

test("a long hog leaves the ext server 50 ms of every second", () => {
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: 120 * ms }])], {
    events: [{ atNs: 0, do: "realtime", cpu: 0, ns: 4_000 * ms }],
  });
  const { summary } = runNative(scenario, (slot) => fifoPolicy(slot));
  expect(summary.finished).toBe(true);
  // Two whole turns of 50 ms, and 20 ms of the third.
  expect(summary.makespanNs).toBeGreaterThan(2_950 * ms);
  expect(summary.makespanNs).toBeLessThan(3_000 * ms);
});

test("yield without the op gives up the slice; the others' turn comes", () => {
  const steps = [{ do: "run", ns: ms }, { do: "yield" }, { do: "run", ns: ms }] as const;
  const { ops } = runNative(scenarioOf(1, [taskSpec([...steps], { count: 2 })]), (slot) =>
    fifoPolicy(slot, { running: () => undefined }),
  );
  expect(ops.filter((op) => op.startsWith("running"))).toEqual([
    "running(0)",
    "running(1)",
    "running(0)",
    // Its exit's.
    "running(0)",
    "running(1)",
    "running(1)",
  ]);
});

/** The second task's enqueue kicks the one CPU, which runs the first. */
function kicker(slot: KernelSlot, flags: number): ReturnType<typeof fifoPolicy> {
  return fifoPolicy(slot, {
    enqueue: (task, enqFlags) => {
      slot.kernel.insert(task, 0, 0, 20 * ms, enqFlags);
      if (task === 1) slot.kernel.kick(0, flags);
    },
  });
}

test.each([
  ["SCX_KICK_PREEMPT takes the CPU at once", kick.preempt, 0, 10 * ms],
  ["a plain kick lets a task with slice left go on", 0, 15 * ms, 40 * ms],
  ["SCX_KICK_IDLE is nothing for a busy CPU", kick.idle, 15 * ms, 40 * ms],
])("%s", (_title, flags, startsMin, startsMax) => {
  const scenario = scenarioOf(1, [
    taskSpec([{ do: "run", ns: 100 * ms }]),
    taskSpec([{ do: "run", ns: ms }], { startNs: 6 * ms }),
  ]);
  const starts = new Map<number, number>();
  runNative(scenario, (slot) => kicker(slot, flags), {
    running: (now, task) => {
      if (!starts.has(task)) starts.set(task, now);
    },
  });
  expect(starts.get(1)).toBeGreaterThan(startsMin);
  expect(starts.get(1)).toBeLessThan(startsMax);
});

test("SCX_ENQ_PREEMPT on a local DSQ goes to its head and ends the current slice", () => {
  const scenario = scenarioOf(1, [
    taskSpec([{ do: "run", ns: 100 * ms }]),
    taskSpec([{ do: "run", ns: ms }], { startNs: 6 * ms }),
  ]);
  const { summary } = runNative(scenario, (slot) =>
    nativePolicy({
      enqueue: (task, flags) => {
        const preempt = task === 1 ? enq.preempt : 0;
        slot.kernel.insert(task, local, builtin, 20 * ms, flags | preempt);
      },
    }),
  );
  expect(summary.tasks[1]?.exitedNs).toBeLessThan(8 * ms);
});

test("LIFO: SCX_ENQ_HEAD puts the newest in front", () => {
  const order: number[] = [];
  const scenario = scenarioOf(1, [taskSpec([{ do: "run", ns: ms }], { count: 4 })]);
  runNative(
    scenario,
    (slot) =>
      fifoPolicy(slot, {
        enqueue: (task, flags) => {
          slot.kernel.insert(task, 0, 0, 20 * ms, flags | enq.head);
        },
      }),
    { running: (_now, task) => order.push(task) },
  );
  expect(order).toEqual([3, 2, 1, 0]);
});

test("direct dispatch to another CPU's local DSQ is carried out after the wake-up, and wakes it", () => {
  const scenario = scenarioOf(2, [taskSpec([{ do: "run", ns: ms }], { count: 2 })]);
  const ran: number[] = [];
  const { summary } = runNative(
    scenario,
    (slot) =>
      nativePolicy({
        selectCpu: () => 0,
        enqueue: (task, flags) => {
          slot.kernel.insert(task, 1, localOn, 20 * ms, flags);
        },
      }),
    { running: (_now, _task, cpu) => ran.push(cpu) },
  );
  expect(ran).toEqual([1, 1]);
  expect(summary.exit).toBeNull();
});

test("partial mode: only SCHED_EXT tasks are the policy's, and the default scheduler's outrank them", () => {
  const scenario = scenarioOf(1, [
    taskSpec([{ do: "run", ns: 20 * ms }], { policy: "ext" }),
    taskSpec([{ do: "run", ns: 20 * ms }], { startNs: 2 * ms }),
  ]);
  const { ops, summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, { ...watchedOps, settings: { flags: opsFlags.switchPartial } }),
  );
  expect(ops.every((op) => !op.endsWith("(1)"))).toBe(true);
  expect(summary.tasks[1]?.exitedNs).toBeLessThan(24 * ms);
  expect(summary.tasks[0]?.exitedNs).toBeGreaterThan(40 * ms);
});

test("cgroups: init before tasks, prep_move and move around a change, set_weight", () => {
  const calls: string[] = [];
  const scenario = scenarioOf(
    1,
    [
      taskSpec([
        { do: "run", ns: ms },
        { do: "cgroup", cgroup: 1 },
        { do: "run", ns: ms },
      ]),
    ],
    {
      cgroups: [
        { name: "/", parent: null, weight: 100 },
        { name: "/a", parent: 0, weight: 100 },
      ],
      events: [{ atNs: 100, do: "cgroup-weight", cgroup: 1, weight: 300 }],
    },
  );
  runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      cgroupInit: (cgroup) => {
        calls.push(`init ${cgroup}`);
        return 0;
      },
      initTask: () => {
        calls.push("task");
        return 0;
      },
      cgroupPrepMove: (_task, from, to) => {
        calls.push(`prep ${from} ${to}`);
        return 0;
      },
      cgroupMove: (_task, from, to) => {
        calls.push(`move ${from} ${to}`);
      },
      cgroupSetWeight: (cgroup, weight) => {
        calls.push(`weight ${cgroup} ${weight}`);
      },
      cgroupExit: (cgroup) => {
        calls.push(`exit ${cgroup}`);
      },
    }),
  );
  expect(calls).toEqual([
    "init 0",
    "init 1",
    "task",
    "weight 1 300",
    "prep 0 1",
    "move 0 1",
    "exit 1",
    "exit 0",
  ]);
});

test("init_task refuses a fork: the parent goes on without the child", () => {
  const scenario = scenarioOf(1, [
    taskSpec([{ do: "fork", task: 1 }, { do: "join" }, { do: "run", ns: ms }]),
    taskSpec([{ do: "run", ns: ms }], { count: 0, comm: "child" }),
  ]);
  const { summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, { initTask: (task) => (task === 1 ? -12 : 0) }),
  );
  expect(summary.forksFailed).toBe(1);
  expect(summary.exit).toBeNull();
  expect(summary.finished).toBe(true);
});

test("kernel threads that are there from the start are initialised as existing tasks", () => {
  const forks: boolean[] = [];
  const scenario = scenarioOf(2, [
    taskSpec([{ do: "run", ns: ms }], { kernelThread: true }),
    taskSpec([{ do: "run", ns: ms }]),
  ]);
  runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      initTask: (_task, fork) => {
        forks.push(fork);
        return 0;
      },
    }),
  );
  expect(forks).toEqual([false, true]);
});

test("hotplug with the ops: what runs there is pushed away, and the CPU is used again", () => {
  const scenario = scenarioOf(2, [taskSpec([{ do: "run", ns: 20 * ms }], { count: 2 })], {
    events: [
      { atNs: 2 * ms, do: "cpu-offline", cpu: 1 },
      { atNs: 8 * ms, do: "cpu-online", cpu: 1 },
    ],
  });
  const { ops, summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, { cpuOffline: () => undefined, cpuOnline: () => undefined }),
  );
  expect(ops).toContain("cpu_offline(-1)");
  expect(ops).toContain("cpu_online(-1)");
  expect(summary.exit).toBeNull();
  expect(summary.finished).toBe(true);
  expect(summary.cpus[1]?.offlineNs).toBe(6 * ms);
  expect(summary.makespanNs).toBeLessThan(30 * ms);
});
