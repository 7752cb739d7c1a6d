import { expect, test } from "vitest";
import { KernelSlot, type NativeOps } from "../core/testing/native-policy.ts";
import { fifoPolicy } from "../core/testing/policies.ts";
import { ProgramFault } from "../errors.ts";
import { hog, ms, rootCgroup, run, scenario, task } from "../scenario/family.ts";
import { flatTopology } from "../scenario/topology.ts";
import { type CheckedPolicy, runChecked } from "./checked-run.ts";

const forks = scenario({
  name: "forks",
  topology: flatTopology(1),
  cgroups: [rootCgroup],
  tasks: [
    task("parent", [{ do: "fork", task: 1 }, { do: "fork", task: 1 }, run(ms(1))]),
    task("child", [run(ms(1))], { count: 0 }),
  ],
  durationNs: ms(1000),
  seed: 1,
});

/** What init_task answers for a task that is forked. */
const fifo = (answer: (id: number) => number): CheckedPolicy =>
  checked({ initTask: (id, fork) => (fork ? answer(id) : 0) });

function checked(rest: NativeOps): CheckedPolicy {
  const slot = new KernelSlot();
  const ops = fifoPolicy(slot, rest);
  return { ops, state: null, attach: slot.attach, unsupported: [] };
}

test("a policy whose init_task refuses forks is at fault, though it runs on", () => {
  const { violations, summary } = runChecked(forks, () => fifo((id) => (id === 2 ? -12 : 0)));
  expect(summary?.exit).toBeNull();
  expect(violations).toMatchObject([{ rule: "runtime-error", severity: "error" }]);
  expect(violations[0]?.message).toMatch(/refused 1 of 3 tasks/);
  expect(runChecked(forks, () => fifo(() => 0)).violations).toEqual([]);
});

test("a timeout so short that a policy is ejected before it shows what it does is an error", () => {
  const hogs = scenario({ ...forks, name: "hogs", tasks: [hog("hog", { count: 3 })] });
  const { violations } = runChecked(hogs, () => checked({ settings: { timeoutMs: 1 } }));
  expect(violations).toMatchObject([{ rule: "stall", severity: "error" }]);
  expect(violations[0]?.hint).toMatch(/timeout_ms/);
});

test("a stall is justified where its weight alone made the task wait, not where its turn never came", () => {
  const stallUnder = (timeoutMs: number, nice: number) => {
    const tasks = [hog("heavy", { count: 5, nice: -10 }), hog("light", { nice })];
    const hogs = scenario({ ...forks, name: "hogs", tasks, durationNs: 10e9 });
    // Never takes the light one, which is the last.
    const { violations } = runChecked(hogs, () => {
      const slot = new KernelSlot();
      const enqueue = (id: number, flags: number) =>
        slot.kernel.insert(id, id === 5 ? 8 : 7, 0, ms(20), flags);
      const init = () => {
        slot.kernel.createDsq(8, 0, -1);
        return slot.kernel.createDsq(7, 0, -1);
      };
      const selectCpu = (_id: number, previous: number) => previous;
      const dispatch = () => {
        slot.kernel.moveToLocal(7, 0, 0);
      };
      const settings = { timeoutMs };
      const ops = fifoPolicy(slot, { settings, enqueue, init, selectCpu, dispatch });
      return { ops, state: null, attach: slot.attach, unsupported: [] };
    });
    return violations.find(({ rule }) => rule === "stall")?.severity;
  };
  // Five of weight 932 and one of 1: it earns 20 ms in 93 s by weight, in 120 ms as an equal.
  expect(stallUnder(5000, 19)).toBe("warning");
  // Its share has long been due.
  expect(stallUnder(5000, 0)).toBe("error");
  // Nobody's turn comes in so short a time.
  expect(stallUnder(50, 19)).toBe("error");
});

test("a fault names its program and its line once", () => {
  const location = { file: "p.bpf.c", line: 3, text: "*a = 1;" };
  const { violations } = runChecked(forks, () =>
    checked({
      enqueue: () => {
        const fault = {
          kind: "null-store",
          program: "x_enqueue",
          instruction: 1,
          location,
        } as const;
        throw new ProgramFault("x_enqueue: writes 1 byte (p.bpf.c:3: *a = 1;)", fault);
      },
    }),
  );
  expect(violations).toMatchObject([
    { rule: "program-fault", message: "x_enqueue: writes 1 byte (p.bpf.c:3: *a = 1;)." },
  ]);
});
