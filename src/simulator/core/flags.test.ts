// The kernel's numbers, as the BTF of the target (7.2.12) has them.

import { expect, test } from "vitest";
import { deq, deqToKernel, enq, enqFromKernel, enqToKernel } from "./flags.ts";

const kernelEnq: [number, bigint][] = [
  [enq.wakeup, 1n],
  [enq.head, 65_536n],
  [enq.cpuSelected, 1_048_576n],
  [enq.preempt, 4_294_967_296n],
  [enq.immediate, 8_589_934_592n],
  [enq.reenqueued, 1_099_511_627_776n],
  [enq.last, 2_199_023_255_552n],
];

test.each(kernelEnq)("enqueue flag %i is %i in the kernel", (flag, word) => {
  const { low, high } = enqToKernel(flag);
  expect((BigInt(high) << 32n) | BigInt(low)).toBe(word);
  expect(enqFromKernel(low, high)).toBe(flag);
});

test("dequeue flags", () => {
  expect(deqToKernel(deq.sleep)).toEqual({ low: 1, high: 0 });
  expect(deqToKernel(deq.coreSchedExec)).toEqual({ low: 0, high: 1 });
  expect(deqToKernel(deq.schedChange)).toEqual({ low: 0, high: 2 });
});

test("unknown bits are dropped", () => {
  expect(enqFromKernel(0xffff_ffff, 0xffff_ffff)).toBe(
    kernelEnq.reduce((all, [flag]) => all | flag, 0),
  );
});
