// Open-coded iterators (kernel/bpf/helpers.c, task_iter.c, cgroup_iter.c): bits, tasks, cgroups. Numbers
// are the machine's own (machine/inlined.ts). Their state is in the program's own iterator struct as far as it fits; for the rest it
// holds the number of a list kept here.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";

/** BITS_ITER_NR_WORDS_MAX. */
const BIT_WORDS_MAX = 511;
/** BPF_TASK_ITER_ALL_PROCS, _ALL_THREADS, _PROC_THREADS. */
const taskOrder = { processes: 0, threads: 1, threadsOfProcess: 2 } as const;
/** BPF_CGROUP_ITER_*. */
const cgroupOrder = { self: 1, preOrder: 2, postOrder: 3, ancestors: 4 } as const;

export function iteratorKfuncs(surroundings: Surroundings): Call[] {
  const lists = new Lists(surroundings);
  return [...bitKfuncs(surroundings, lists), ...objectKfuncs(surroundings, lists)];
}

/** Lists that iterators walk, by the number in an iterator's first word. */
class Lists {
  readonly #view: DataView;
  readonly #surroundings: Surroundings;
  readonly #lists = new Map<number, { items: readonly number[]; next: number }>();
  #last = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#view = surroundings.view;
  }

  start(iterator: number, items: readonly number[]): void {
    this.#last += 1;
    this.#lists.set(this.#last, { items, next: 0 });
    this.#view.setUint32(this.#surroundings.target(iterator, 16), this.#last, true);
  }

  empty(iterator: number): void {
    this.#view.setUint32(this.#surroundings.target(iterator, 16), 0, true);
  }

  /** -1 at the end. */
  next(iterator: number): number {
    const at = this.#surroundings.target(iterator, 16);
    const list = this.#lists.get(this.#view.getUint32(at, true));
    const item = list?.items[list.next];
    if (!list || item === undefined) return -1;
    list.next += 1;
    return item;
  }

  destroy(iterator: number): undefined {
    const at = this.#surroundings.target(iterator, 16);
    this.#lists.delete(this.#view.getUint32(at, true));
    this.#view.setUint32(at, 0, true);
  }
}

function bitKfuncs(surroundings: Surroundings, lists: Lists): Call[] {
  const { view } = surroundings;
  return [
    declare("bpf_iter_bits_new", "s32", "ptr ptr u32", (iterator = 0, from = 0, words = 0) => {
      lists.empty(iterator);
      if (from === 0 || words === 0) return errno.invalid;
      if (words > BIT_WORDS_MAX) return errno.tooBig;
      surroundings.span(from, words * 8);
      const bits: number[] = [];
      for (let index = 0; index < words * 2; index += 1) {
        const word = view.getUint32(from + index * 4, true);
        for (let rest = word; rest !== 0; rest &= rest - 1)
          bits.push(index * 32 + 31 - Math.clz32(rest & -rest));
      }
      lists.start(iterator, bits);
      return 0;
    }),
    declare("bpf_iter_bits_next", "ptr", "ptr", (iterator = 0) => {
      const bit = lists.next(iterator);
      if (bit < 0) return 0;
      view.setInt32(iterator + 8, bit, true);
      return iterator + 8;
    }),
    declare("bpf_iter_bits_destroy", "void", "ptr", (iterator = 0) => lists.destroy(iterator)),
  ];
}

function objectKfuncs(surroundings: Surroundings, lists: Lists): Call[] {
  const { tasks, cgroups } = surroundings;
  const nextTask = (iterator: number): number => {
    for (;;) {
      const task = lists.next(iterator);
      if (task < 0) return 0;
      // It may have exited since the walk began.
      const address = tasks.addressOf(task);
      if (address !== 0) return address;
    }
  };
  const tasksWhere = (holds: (address: number, task: number) => boolean): number[] =>
    [...tasks.alive()].filter((task) => holds(tasks.addressOf(task), task));
  const isLeader = (address: number): boolean => tasks.pidOf(address) === tasks.tgidOf(address);
  return [
    declare("bpf_iter_task_new", "s32", "ptr ptr u32", (iterator = 0, task = 0, flags = 0) => {
      lists.empty(iterator);
      if (flags > taskOrder.threadsOfProcess) return errno.invalid;
      if (flags === taskOrder.threadsOfProcess && task === 0) return errno.invalid;
      const group = flags === taskOrder.threadsOfProcess ? tasks.tgidOf(task) : -1;
      lists.start(
        iterator,
        tasksWhere((address) => {
          if (flags === taskOrder.processes) return isLeader(address);
          return group < 0 || tasks.tgidOf(address) === group;
        }),
      );
      return 0;
    }),
    declare("bpf_iter_task_next", "ptr", "ptr", nextTask),
    declare("bpf_iter_task_destroy", "void", "ptr", (iterator = 0) => lists.destroy(iterator)),
    declare("bpf_iter_css_new", "s32", "ptr ptr u32", (iterator = 0, css = 0, order = 0) => {
      lists.empty(iterator);
      const start = cgroups.indexOfCss(css);
      if (start < 0) return surroundings.fault("no cgroup_subsys_state was passed");
      const walk = cgroupWalk(surroundings, start, order);
      if (!walk) return errno.invalid;
      lists.start(iterator, walk);
      return 0;
    }),
    declare("bpf_iter_css_next", "ptr", "ptr", (iterator = 0) => {
      const cgroup = lists.next(iterator);
      return cgroup < 0 ? 0 : cgroups.cssOf(cgroup);
    }),
    declare("bpf_iter_css_destroy", "void", "ptr", (iterator = 0) => lists.destroy(iterator)),
    declare("bpf_iter_css_task_new", "s32", "ptr ptr u32", (iterator = 0, css = 0) => {
      lists.empty(iterator);
      const cgroup = cgroups.indexOfCss(css);
      if (cgroup < 0) return surroundings.fault("no cgroup_subsys_state was passed");
      lists.start(
        iterator,
        tasksWhere((_, task) => tasks.cgroupOf(task) === cgroup),
      );
      return 0;
    }),
    declare("bpf_iter_css_task_next", "ptr", "ptr", nextTask),
    declare("bpf_iter_css_task_destroy", "void", "ptr", (iterator = 0) => lists.destroy(iterator)),
  ];
}

function cgroupWalk(
  surroundings: Surroundings,
  start: number,
  order: number,
): readonly number[] | null {
  const { cgroups } = surroundings;
  const level = cgroups.level(start);
  if (order === cgroupOrder.self) return [start];
  if (order === cgroupOrder.ancestors)
    return Array.from({ length: level + 1 }, (_, up) => cgroups.ancestor(start, level - up));
  if (order !== cgroupOrder.preOrder && order !== cgroupOrder.postOrder) return null;
  const walk = (at: number): number[] => {
    const children: number[] = [];
    for (let index = 0; index < cgroups.count; index += 1)
      if (cgroups.parent(index) === at) children.push(...walk(index));
    return order === cgroupOrder.preOrder ? [at, ...children] : [...children, at];
  };
  return walk(start);
}
