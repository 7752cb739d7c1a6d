import fc from "fast-check";
import { expect, test } from "vitest";
import { everyCpu } from "./cpu-set.ts";
import { Dsq, dsqInsertByVtime, dsqKind, dsqPush, dsqRemove, vtimeBefore } from "./dsq.ts";
import { Task } from "./task.ts";

function makeTask(id: number): Task {
  return new Task({
    id,
    pid: id,
    spec: 0,
    instance: id,
    background: false,
    kernelThread: false,
    program: { instructions: [], counters: 0, channels: 0 },
    parent: null,
    comm: "t",
    policy: 0,
    loop: false,
    random: 0,
    nice: 0,
    allowed: everyCpu(1),
    cgroup: 0,
  });
}

function contents(dsq: Dsq): number[] {
  const ids: number[] = [];
  for (let task = dsq.head; task !== null; task = task.dsqNext) ids.push(task.id);
  const backwards: number[] = [];
  for (let task = dsq.tail; task !== null; task = task.dsqPrevious) backwards.push(task.id);
  expect(backwards.reverse()).toEqual(ids);
  expect(dsq.length).toBe(ids.length);
  return ids;
}

/** Height of the tree; checks order and links on the way. */
function height(task: Task | null, up: Task | null): number {
  if (task === null) return 0;
  expect(task.treeUp).toBe(up);
  if (up !== null) expect(task.treePriority).toBeLessThanOrEqual(up.treePriority);
  return 1 + Math.max(height(task.treeLeft, task), height(task.treeRight, task));
}

test("vtimeBefore is the sign of the 64-bit difference", () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n),
      (a, d) => {
        const b = BigInt.asUintN(64, a + d);
        const half = (value: bigint): [number, number] => [
          Number(value & 0xffff_ffffn),
          Number(value >> 32n),
        ];
        expect(vtimeBefore(...half(a), ...half(b))).toBe(d > 0n);
      },
    ),
  );
});

test("a vtime queue is in order of vtime, first come first served among equals, across the wrap", () => {
  const step = fc.record({ vtime: fc.nat(12), remove: fc.boolean(), at: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const dsq = new Dsq(dsqKind.user, 1, 0, -1);
      let expected: { id: number; vtime: number; task: Task }[] = [];
      steps.forEach(({ vtime, remove, at }, id) => {
        if (remove && expected.length > 0) {
          const [gone] = expected.splice(at % expected.length, 1);
          if (gone !== undefined) dsqRemove(dsq, gone.task);
        } else {
          const task = makeTask(id);
          // Around the wrap of 2^64: −6 … 6.
          const wrapped = vtime - 6;
          task.keyLow = wrapped >>> 0;
          task.keyHigh = wrapped < 0 ? 0xffff_ffff : 0;
          dsqInsertByVtime(dsq, task);
          expected.push({ id, vtime, task });
          expected = expected
            .map((entry, index) => ({ entry, index }))
            .sort((a, b) => a.entry.vtime - b.entry.vtime || a.index - b.index)
            .map(({ entry }) => entry);
        }
        expect(contents(dsq)).toEqual(expected.map((entry) => entry.id));
        height(dsq.root, null);
      });
    }),
    { numRuns: 60 },
  );
});

test("the tree stays low when vtimes come in order", () => {
  const dsq = new Dsq(dsqKind.user, 1, 0, -1);
  for (let id = 0; id < 4096; id++) {
    const task = makeTask(id);
    task.keyLow = id;
    dsqInsertByVtime(dsq, task);
  }
  expect(height(dsq.root, null)).toBeLessThan(60);
});

test("FIFO: at the tail, or at the head; from the middle out", () => {
  const dsq = new Dsq(dsqKind.user, 1, 0, -1);
  const tasks = [0, 1, 2, 3].map(makeTask);
  dsqPush(dsq, tasks[0] as Task, false);
  dsqPush(dsq, tasks[1] as Task, false);
  dsqPush(dsq, tasks[2] as Task, true);
  dsqPush(dsq, tasks[3] as Task, false);
  expect(contents(dsq)).toEqual([2, 0, 1, 3]);
  dsqRemove(dsq, tasks[0] as Task);
  dsqRemove(dsq, tasks[3] as Task);
  dsqRemove(dsq, tasks[2] as Task);
  expect(contents(dsq)).toEqual([1]);
});
