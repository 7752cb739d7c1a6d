// Kfuncs that put tasks into dispatch queues and take them out (kernel/sched/ext/ext.c): insert, move,
// the DSQ iterator. What is allowed and what it does is the core's (Kernel); here only the machine-level
// arguments are taken apart.

import { enqFromKernel } from "../../core/flags.ts";
import type { DsqCursor } from "../../core/kernel.ts";
import type { Call } from "../../machine/calls.ts";
import { callers, declare } from "../declare.ts";
import { errno } from "../errno.ts";
import { hex, type Surroundings } from "../surroundings.ts";
import { nsOf } from "../words.ts";

/** SCX_DSQ_ITER_REV and the flags that programs may not set. */
const ITER_REVERSE = 1 << 16;

export function dsqKfuncs(surroundings: Surroundings): Call[] {
  const { view } = surroundings;
  const insert = (
    task: number,
    dsqLow: number,
    dsqHigh: number,
    sliceLow: number,
    sliceHigh: number,
    low: number,
    high: number,
  ): number => {
    const index = queueable(surroundings, task, high);
    if (index < 0) return 0;
    const { kernel } = surroundings;
    const flags = enqFromKernel(low, high);
    return kernel.insert(index, dsqLow, dsqHigh, nsOf(sliceLow, sliceHigh), flags) ? 1 : 0;
  };
  const insertVtime = (
    task: number,
    dsqLow: number,
    dsqHigh: number,
    sliceLow: number,
    sliceHigh: number,
    vtimeLow: number,
    vtimeHigh: number,
    low: number,
    high: number,
  ): number => {
    const index = queueable(surroundings, task, high);
    if (index < 0) return 0;
    const { kernel } = surroundings;
    const flags = enqFromKernel(low, high);
    const slice = nsOf(sliceLow, sliceHigh);
    return kernel.insertVtime(index, dsqLow, dsqHigh, slice, vtimeLow, vtimeHigh, flags) ? 1 : 0;
  };
  const toLocal = (dsqLow: number, dsqHigh: number, low: number, high: number) =>
    surroundings.kernel.moveToLocal(dsqLow, dsqHigh, enqFromKernel(low, high)) ? 1 : 0;
  const { enqueue, dispatch, unlocked } = callers;
  const insertArguments = "ptr u64 u64 u64";
  const vtimeArguments = "ptr u64 u64 u64 u64";
  return [
    declare("scx_bpf_dsq_insert___v2", "bool", insertArguments, insert, enqueue),
    declare("scx_bpf_dsq_insert", "void", insertArguments, insert, enqueue),
    declare("scx_bpf_dispatch", "void", insertArguments, insert, enqueue),
    declare("scx_bpf_dsq_insert_vtime", "void", vtimeArguments, insertVtime, enqueue),
    declare("scx_bpf_dispatch_vtime", "void", vtimeArguments, insertVtime, enqueue),
    declare(
      "__scx_bpf_dsq_insert_vtime",
      "bool",
      "ptr ptr",
      (task = 0, args = 0) => {
        surroundings.span(args, 32);
        const word = (index: number): number => view.getUint32(args + index * 4, true);
        return insertVtime(
          task,
          word(0),
          word(1),
          word(2),
          word(3),
          word(4),
          word(5),
          word(6),
          word(7),
        );
      },
      enqueue,
    ),
    declare("scx_bpf_dsq_move_to_local___v2", "bool", "u64 u64", toLocal, dispatch),
    ...["scx_bpf_dsq_move_to_local", "scx_bpf_consume"].map((name) =>
      declare(name, "bool", "u64", (low = 0, high = 0) => toLocal(low, high, 0, 0), dispatch),
    ),
    declare(
      "scx_bpf_dispatch_nr_slots",
      "u32",
      "",
      () => surroundings.kernel.dispatchSlots(),
      dispatch,
    ),
    declare(
      "scx_bpf_dispatch_cancel",
      "void",
      "",
      () => {
        surroundings.kernel.dispatchCancel();
        return undefined;
      },
      dispatch,
    ),
    declare(
      "scx_bpf_create_dsq",
      "s32",
      "u64 s32",
      (low = 0, high = 0, node = 0) => surroundings.kernel.createDsq(low, high, node),
      unlocked,
    ),
    declare("scx_bpf_destroy_dsq", "void", "u64", (low = 0, high = 0) => {
      surroundings.kernel.destroyDsq(low, high);
      return undefined;
    }),
    declare("scx_bpf_dsq_nr_queued", "s32", "u64", (low = 0, high = 0) =>
      surroundings.kernel.dsqLength(low, high),
    ),
    declare("scx_bpf_dsq_peek", "ptr", "u64", (low = 0, high = 0) =>
      surroundings.taskPointer(surroundings.kernel.dsqPeek(low, high)),
    ),
    declare(
      "scx_bpf_reenqueue_local",
      "u32",
      "",
      () => surroundings.kernel.reenqueueLocal(),
      callers.cpuRelease,
    ),
    declare("scx_bpf_reenqueue_local___v2", "void", "", () => {
      surroundings.kernel.reenqueueLocal();
      return undefined;
    }),
    declare("scx_bpf_task_set_slice", "bool", "ptr u64", (task = 0, low = 0, high = 0) =>
      surroundings.kernel.setSlice(surroundings.schedulable(task), nsOf(low, high)) ? 1 : 0,
    ),
    declare("scx_bpf_task_set_dsq_vtime", "bool", "ptr u64", (task = 0, low = 0, high = 0) =>
      surroundings.kernel.setVtime(surroundings.schedulable(task), low, high) ? 1 : 0,
    ),
    ...iteratorKfuncs(surroundings),
  ];
}

/**
 * scx_dsq_insert_preamble: the task's index; -1 where the kernel ends the policy. The upper byte of the
 * flags and SCX_ENQ_DSQ_PRIQ are the core's own.
 */
function queueable(surroundings: Surroundings, task: number, flagsHigh: number): number {
  if (task === 0) {
    surroundings.kernel.runtimeError("called with NULL task");
    return -1;
  }
  if (flagsHigh >>> 24 !== 0) {
    surroundings.kernel.runtimeError(`invalid enq_flags ${hex((flagsHigh >>> 0) * 2 ** 32)}`);
    return -1;
  }
  return surroundings.schedulable(task);
}

/** bpf_iter_scx_dsq: its first word names a cursor of ours, from 1; 0 after an error and at the end. */
function iteratorKfuncs(surroundings: Surroundings): Call[] {
  const { view } = surroundings;
  const cursors: (DsqCursor | null)[] = [];
  const free: number[] = [];
  const cursorOf = (iterator: number): DsqCursor | null =>
    cursors[view.getUint32(iterator, true) - 1] ?? null;
  const move =
    (byVtime: boolean) =>
    (
      iterator: number,
      task: number,
      dsqLow: number,
      dsqHigh: number,
      low: number,
      high: number,
    ): number => {
      const cursor = cursorOf(surroundings.target(iterator, 48));
      if (!cursor) return 0;
      const index = queueable(surroundings, task, high);
      if (index < 0) return 0;
      return cursor.move(index, dsqLow, dsqHigh, enqFromKernel(low, high), byVtime) ? 1 : 0;
    };
  return [
    declare(
      "bpf_iter_scx_dsq_new",
      "s32",
      "ptr u64 u64",
      (iterator = 0, low = 0, high = 0, flagsLow = 0, flagsHigh = 0) => {
        view.setUint32(surroundings.target(iterator, 48), 0, true);
        if ((flagsLow & ~ITER_REVERSE) !== 0 || flagsHigh !== 0) return errno.invalid;
        const reverse = (flagsLow & ITER_REVERSE) !== 0;
        const cursor = surroundings.kernel.dsqIterate(low, high, reverse);
        if (!cursor) return errno.noEntry;
        const slot = free.pop() ?? cursors.length;
        cursors[slot] = cursor;
        view.setUint32(iterator, slot + 1, true);
        return 0;
      },
    ),
    declare("bpf_iter_scx_dsq_next", "ptr", "ptr", (iterator = 0) => {
      const cursor = cursorOf(surroundings.target(iterator, 48));
      return cursor ? surroundings.taskPointer(cursor.next()) : 0;
    }),
    declare("bpf_iter_scx_dsq_destroy", "void", "ptr", (iterator = 0) => {
      const slot = view.getUint32(surroundings.target(iterator, 48), true) - 1;
      if (!cursors[slot]) return undefined;
      cursors[slot] = null;
      free.push(slot);
      view.setUint32(iterator, 0, true);
      return undefined;
    }),
    declare("scx_bpf_dsq_move", "bool", "ptr ptr u64 u64", move(false), callers.move),
    declare("scx_bpf_dsq_move_vtime", "bool", "ptr ptr u64 u64", move(true), callers.move),
    declare("scx_bpf_dispatch_from_dsq", "bool", "ptr ptr u64 u64", move(false), callers.move),
    declare("scx_bpf_dispatch_vtime_from_dsq", "bool", "ptr ptr u64 u64", move(true), callers.move),
    ...["scx_bpf_dsq_move_set_slice", "scx_bpf_dispatch_from_dsq_set_slice"].map((name) =>
      declare(
        name,
        "void",
        "ptr u64",
        (iterator = 0, low = 0, high = 0) => {
          cursorOf(surroundings.target(iterator, 48))?.setSlice(nsOf(low, high));
          return undefined;
        },
        callers.move,
      ),
    ),
    ...["scx_bpf_dsq_move_set_vtime", "scx_bpf_dispatch_from_dsq_set_vtime"].map((name) =>
      declare(
        name,
        "void",
        "ptr u64",
        (iterator = 0, low = 0, high = 0) => {
          cursorOf(surroundings.target(iterator, 48))?.setVtime(low, high);
          return undefined;
        },
        callers.move,
      ),
    ),
  ];
}
