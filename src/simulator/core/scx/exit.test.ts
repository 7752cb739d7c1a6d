// How policies leave: each error in the words of the target's kernel (strings of its 7.2.12 image).

import { expect, test } from "vitest";
import { kick } from "../flags.ts";
import type { Kernel } from "../kernel.ts";
import { opsFlags } from "../policy-ops.ts";
import { nativePolicy } from "../testing/native-policy.ts";
import { fifoPolicy } from "../testing/policies.ts";
import { runNative } from "../testing/run.ts";
import { scenarioOf, taskSpec } from "../testing/scenarios.ts";
import { hex, hex16, seconds } from "./exit.ts";

const ms = 1_000_000;
const builtin = 0x8000_0000;
const localOn = 0xc000_0000;

/** Two tasks on two CPUs, the first bound to CPU 0. */
const scenario = scenarioOf(2, [
  taskSpec([{ do: "run", ns: 5 * ms }], { comm: "bound", cpus: [0] }),
  taskSpec([{ do: "run", ns: 5 * ms }], { comm: "free", startNs: ms }),
]);

type Act = (kernel: Kernel, task: number) => void;
const inEnqueue: [string, Act, string][] = [
  [
    "a CPU that is not allowed",
    (kernel, task) => kernel.insert(task, 1, localOn, 0, 0),
    "SCX_DSQ_LOCAL[_ON] target CPU 1 not allowed for bound[1000]",
  ],
  [
    "a CPU that does not exist",
    (kernel, task) => kernel.insert(task, 77, localOn, 0, 0),
    "invalid CPU 77 in SCX_DSQ_LOCAL_ON dispatch verdict",
  ],
  [
    "a DSQ that does not exist",
    (kernel, task) => kernel.insert(task, 0xabc, 0, 0, 0),
    "non-existent DSQ 0xabc",
  ],
  [
    "dispatched twice",
    (kernel, task) => {
      kernel.insert(task, 0, 0, 0, 0);
      kernel.insert(task, 0, 0, 0, 0);
    },
    "bound[1000] already direct-dispatched",
  ],
  [
    "vtime order on a built-in DSQ",
    (kernel, task) => kernel.insertVtime(task, 2, builtin, 0, 1, 0, 0),
    "cannot use vtime ordering for built-in DSQs",
  ],
  ["a kick of a CPU that does not exist", (kernel) => kernel.kick(9, 0), "invalid CPU 9"],
  [
    "idle and preempt together",
    (kernel) => kernel.kick(0, kick.idle | kick.preempt),
    "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE",
  ],
  [
    "a peek into a built-in DSQ",
    (kernel) => kernel.dsqPeek(1, builtin),
    "peek disallowed on builtin DSQ 0x8000000000000001",
  ],
  ["a peek into nothing", (kernel) => kernel.dsqPeek(5, 1), "peek on non-existent DSQ 0x100000005"],
];

test.each(inEnqueue)("enqueue, %s", (_title, act, message) => {
  const { summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, { enqueue: (task) => act(slot.kernel, task) }),
  );
  expect(summary.exit).toEqual({ kind: 1024, code: 0, reason: "runtime error", message });
  // The default scheduler takes over and the work gets done.
  expect(summary.finished).toBe(true);
  expect(summary.exitNs).toBeGreaterThan(0);
});

const inDispatch: [string, (kernel: Kernel) => void, string][] = [
  [
    "the buffer overflows",
    (kernel) => {
      for (let i = 0; i < 3; i++) kernel.insert(0, 0, 0, 0, 0);
    },
    "dispatch buffer overflow",
  ],
  ["cancelled once too often", (kernel) => kernel.dispatchCancel(), "dispatch buffer underflow"],
  [
    "moved from a DSQ that does not exist",
    (kernel) => kernel.moveToLocal(0x123, 0, 0),
    "invalid DSQ ID 0x0000000000000123",
  ],
];

test.each(inDispatch)("dispatch, %s", (_title, act, message) => {
  const { summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      settings: { dispatchMaxBatch: 2 },
      dispatch: () => act(slot.kernel),
    }),
  );
  expect(summary.exit?.message).toBe(message);
  expect(summary.exit?.kind).toBe(1024);
});

test("FIFO and vtime on one DSQ", () => {
  const both = scenarioOf(1, [taskSpec([{ do: "run", ns: 5 * ms }], { count: 3 })]);
  const mixed = (first: "fifo" | "vtime"): string | undefined =>
    runNative(both, (slot) =>
      fifoPolicy(slot, {
        enqueue: (task) => {
          if ((task === 0) === (first === "fifo")) slot.kernel.insert(task, 0, 0, 0, 0);
          else slot.kernel.insertVtime(task, 0, 0, 0, 7, 0, 0);
        },
        dispatch: () => undefined,
      }),
    ).summary.exit?.message;
  expect(mixed("fifo")).toBe("DSQ ID 0x0000000000000000 already had FIFO-enqueued tasks");
  expect(mixed("vtime")).toBe("DSQ ID 0x0000000000000000 already had PRIQ-enqueued tasks");
});

test("select_cpu answers a CPU that does not exist", () => {
  const { summary } = runNative(scenario, () => nativePolicy({ selectCpu: () => 31 }));
  expect(summary.exit?.message).toBe("invalid CPU 31 from ops.select_cpu()");
});

test("a second dispatch from ops.dispatch is silently ignored", () => {
  const held: number[] = [];
  const { summary } = runNative(
    scenarioOf(1, [taskSpec([{ do: "run", ns: 5 * ms }], { count: 2 })]),
    (slot) =>
      nativePolicy({
        enqueue: (task) => {
          held.push(task);
        },
        dispatch: () => {
          const task = held.shift();
          if (task === undefined) return;
          slot.kernel.insert(task, 2, builtin, 0, 0);
          slot.kernel.insert(task, 2, builtin, 0, 0);
        },
      }),
  );
  expect(summary.exit).toBeNull();
  expect(summary.finished).toBe(true);
});

test("a task that is forgotten stalls the policy: half the timeout between looks", () => {
  const { summary } = runNative(scenario, (slot) =>
    fifoPolicy(slot, {
      settings: { timeoutMs: 2000 },
      enqueue: (task, flags) => {
        if (task !== 0) slot.kernel.insert(task, 0, 0, 0, flags);
      },
    }),
  );
  expect(summary.exit).toEqual({
    kind: 1026,
    code: 0,
    reason: "runnable task stall",
    message: "bound[1000] failed to run for 3.000s",
  });
  expect(summary.finished).toBe(true);
});

test("the clock of a task runs on while it is moved about, until it runs", () => {
  const events = Array.from({ length: 40 }, (_, i) => ({
    atNs: (i + 1) * 100 * ms,
    do: "nice" as const,
    task: 0,
    nice: i % 2,
  }));
  const { summary } = runNative({ ...scenario, events }, (slot) =>
    fifoPolicy(slot, {
      settings: { timeoutMs: 1000 },
      enqueue: (task, flags) => {
        if (task !== 0) slot.kernel.insert(task, 0, 0, 0, flags);
      },
    }),
  );
  expect(summary.exit?.message).toBe("bound[1000] failed to run for 1.500s");
});

test("scx_bpf_error and scx_bpf_exit", () => {
  const failing = runNative(scenario, (slot) =>
    fifoPolicy(slot, { enqueue: () => slot.kernel.fail("no more") }),
  ).summary.exit;
  expect(failing).toEqual({ kind: 1025, code: 0, reason: "scx_bpf_error", message: "no more" });
  const leaving = runNative(scenario, (slot) =>
    fifoPolicy(slot, { enqueue: () => slot.kernel.leave(42, "done") }),
  ).summary.exit;
  expect(leaving).toEqual({
    kind: 65,
    code: 42,
    reason: "unregistered from BPF",
    message: "done",
  });
});

test("set-up that fails: init, init_task, cgroup_init, impossible flags", () => {
  const message = (rest: Parameters<typeof fifoPolicy>[1]): string | undefined => {
    const run = runNative(
      scenarioOf(2, [taskSpec([{ do: "run", ns: ms }], { kernelThread: true, comm: "kworker" })]),
      (slot) => fifoPolicy(slot, rest),
    );
    expect(run.summary.finished).toBe(true);
    return run.summary.exit?.message;
  };
  expect(message({ init: () => -22 })).toBe("ops.init() failed (-22)");
  expect(message({ init: () => 5 })).toBe("ops.init() returned an invalid errno 5");
  expect(message({ initTask: () => -12 })).toBe("ops.init_task() failed (-12) for kworker[1000]");
  expect(message({ cgroupInit: () => -1 })).toBe("ops.cgroup_init() failed (-1)");
  expect(
    message({ settings: { flags: opsFlags.builtinIdlePerNode }, updateIdle: () => undefined }),
  ).toBe("SCX_OPS_BUILTIN_IDLE_PER_NODE requires CPU idle selection enabled");
});

test("hotplug without the op is no error: the policy has to leave and may come again", () => {
  const { summary } = runNative(
    { ...scenario, events: [{ atNs: 2 * ms, do: "cpu-offline", cpu: 1 }] },
    (slot) => fifoPolicy(slot),
  );
  expect(summary.exit).toEqual({
    kind: 66,
    code: 2 ** 48 + 2 ** 32,
    reason: "unregistered from the main kernel",
    message: "cpu 1 going offline, exiting scheduler",
  });
  expect(summary.finished).toBe(true);
});

test("numbers as the kernel prints them", () => {
  expect(hex16(0x1, 0x80000000)).toBe("8000000000000001");
  expect(hex(0, 0)).toBe("0");
  expect(hex(0xff, 0x1)).toBe("1000000ff");
  expect(seconds(31_540)).toBe("31.540");
});
