// Native policies that several tests and the benchmark use: FIFO, vtime, the empty one.

import type { Kernel } from "../kernel.ts";
import type { PolicyOps } from "../policy-ops.ts";
import { type KernelSlot, type NativeOps, nativePolicy } from "./native-policy.ts";

const sliceNs = 20_000_000;
const ownDsq = 0;

/** Everything through one queue, first come first served; idle CPUs are given work at once. */
export function fifoPolicy(slot: KernelSlot, rest: NativeOps = {}): PolicyOps {
  let kernel: Kernel;
  return nativePolicy({
    init: () => {
      kernel = slot.kernel;
      return kernel.createDsq(ownDsq, 0, -1);
    },
    selectCpu: (task, previousCpu, wakeFlags) => {
      const { cpu, idle } = kernel.selectCpuDefault(task, previousCpu, wakeFlags);
      if (idle) kernel.insert(task, 2, 0x8000_0000, sliceNs, 0);
      return cpu;
    },
    enqueue: (task, flags) => {
      kernel.insert(task, ownDsq, 0, sliceNs, flags);
    },
    dispatch: () => {
      kernel.moveToLocal(ownDsq, 0, 0);
    },
    ...rest,
  });
}

/** scx_simple's weighted vtime, with numbers below 2^32 ns kept in halves. */
export function vtimePolicy(slot: KernelSlot, rest: NativeOps = {}): PolicyOps {
  let kernel: Kernel;
  let vtimeNow = 0;
  const vtimes: number[] = [];
  const starts: number[] = [];
  const weights: number[] = [];
  return nativePolicy({
    init: () => {
      kernel = slot.kernel;
      return kernel.createDsq(ownDsq, 0, -1);
    },
    selectCpu: (task, previousCpu, wakeFlags) => {
      const { cpu, idle } = kernel.selectCpuDefault(task, previousCpu, wakeFlags);
      if (idle) kernel.insert(task, 2, 0x8000_0000, sliceNs, 0);
      return cpu;
    },
    enqueue: (task, flags) => {
      const vtime = Math.max(vtimes[task] ?? 0, vtimeNow - sliceNs);
      vtimes[task] = vtime;
      const high = Math.floor(vtime / 4_294_967_296);
      kernel.insertVtime(task, ownDsq, 0, sliceNs, vtime - high * 4_294_967_296, high, flags);
    },
    dispatch: () => {
      kernel.moveToLocal(ownDsq, 0, 0);
    },
    running: (task) => {
      starts[task] = kernel.now();
      vtimeNow = Math.max(vtimeNow, vtimes[task] ?? 0);
    },
    stopping: (task) => {
      const ran = kernel.now() - (starts[task] ?? 0);
      vtimes[task] = (vtimes[task] ?? 0) + Math.floor((ran * 100) / (weights[task] ?? 100));
    },
    enable: (task) => {
      vtimes[task] = vtimeNow;
    },
    setWeight: (task, weight) => {
      weights[task] = weight;
    },
    ...rest,
  });
}
