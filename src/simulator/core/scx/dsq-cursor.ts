// bpf_iter_scx_dsq: walks the tasks that were in a DSQ when it began, and moves them (nldsq_cursor_*,
// scx_dsq_move of kernel/sched/ext/ext.c, 7.2).

import type { CursorPlace, Dsq } from "../dsq.ts";
import type { DsqCursor } from "../kernel.ts";
import type { Task } from "../task.ts";
import { moveBetweenDsqs } from "./dispatch.ts";
import { dsqForDispatch } from "./enqueue.ts";
import type { Scx } from "./scx.ts";

export class ScxCursor implements DsqCursor {
  readonly #scx: Scx;
  readonly #dsq: Dsq;
  readonly #place: CursorPlace;
  readonly #sequence: number;
  readonly #cpu: number;
  #sliceNs = -1;
  #vtimeSet = false;
  #vtimeLow = 0;
  #vtimeHigh = 0;

  constructor(scx: Scx, dsq: Dsq, reverse: boolean, cpu: number) {
    this.#scx = scx;
    this.#dsq = dsq;
    this.#place = { task: null, reverse, started: false };
    this.#sequence = dsq.sequence;
    this.#cpu = cpu;
    dsq.cursors.push(this.#place);
    scx.openCursorDsqs.push(dsq);
  }

  next(): number {
    const place = this.#place;
    let task = place.started ? place.task : null;
    do {
      if (task === null) task = place.reverse ? this.#dsq.tail : this.#dsq.head;
      else task = place.reverse ? task.dsqPrevious : task.dsqNext;
    } while (task !== null && this.#isNewer(task));
    place.task = task;
    // At the end it stays there (list_del_init leaves the cursor unlinked only until a next call, which
    // starts anew in the kernel too).
    place.started = task !== null;
    return task === null ? -1 : task.id;
  }

  setSlice(ns: number): void {
    this.#sliceNs = ns;
  }

  setVtime(low: number, high: number): void {
    this.#vtimeSet = true;
    this.#vtimeLow = low;
    this.#vtimeHigh = high;
  }

  /** scx_dsq_move: only what is still there, and was when the walk began. */
  move(id: number, low: number, high: number, flags: number, byVtime: boolean): boolean {
    const scx = this.#scx;
    const task = scx.machine.tasks[id];
    const sliceNs = this.#sliceNs;
    const vtimeSet = this.#vtimeSet;
    if (scx.aborting) return false;
    this.#sliceNs = -1;
    this.#vtimeSet = false;
    if (task === undefined || task.dsq !== this.#dsq || this.#isNewer(task)) return false;
    const cpu = scx.machine.cpu(this.#cpu);
    const destination = dsqForDispatch(scx, cpu, low, high, task.cpu);
    if (vtimeSet) scx.state.setVtime(id, this.#vtimeLow, this.#vtimeHigh);
    if (sliceNs >= 0) scx.state.setSlice(id, sliceNs);
    moveBetweenDsqs(scx, task, flags, this.#dsq, destination, byVtime);
    return true;
  }

  #isNewer(task: Task): boolean {
    return ((this.#sequence - task.dsqSequence) | 0) < 0;
  }
}
