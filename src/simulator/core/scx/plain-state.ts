// VisibleState for policies that see no memory: native ones in tests and benchmarks, and the time after a
// policy left. Keeps the two fields that the core reads back; the rest is nobody's.

import type { VisibleState } from "../visible-state.ts";

const ignore = (): void => undefined;

export class PlainState implements VisibleState {
  #slice = new Float64Array(1024);
  #vtimeLow = new Uint32Array(1024);
  #vtimeHigh = new Uint32Array(1024);

  taskCreated(task: number): void {
    if (task >= this.#slice.length) this.#grow(task);
    this.#slice[task] = 0;
    this.#vtimeLow[task] = 0;
    this.#vtimeHigh[task] = 0;
  }

  slice(task: number): number {
    return this.#slice[task] as number;
  }

  setSlice(task: number, ns: number): void {
    this.#slice[task] = ns;
  }

  vtimeLow(task: number): number {
    return this.#vtimeLow[task] as number;
  }

  vtimeHigh(task: number): number {
    return this.#vtimeHigh[task] as number;
  }

  setVtime(task: number, low: number, high: number): void {
    this.#vtimeLow[task] = low;
    this.#vtimeHigh[task] = high;
  }

  readonly taskFreed = ignore;
  readonly setNice = ignore;
  readonly setAffinity = ignore;
  readonly setPlace = ignore;
  readonly setRuntime = ignore;
  readonly setScxFlags = ignore;
  readonly setRunnableAt = ignore;
  readonly setExiting = ignore;
  readonly setComm = ignore;
  readonly setPolicy = ignore;
  readonly setSwitches = ignore;
  readonly setCgroup = ignore;
  readonly setCurrent = ignore;

  #grow(task: number): void {
    const length = Math.max(task + 1, this.#slice.length * 2);
    const slice = new Float64Array(length);
    const low = new Uint32Array(length);
    const high = new Uint32Array(length);
    slice.set(this.#slice);
    low.set(this.#vtimeLow);
    high.set(this.#vtimeHigh);
    this.#slice = slice;
    this.#vtimeLow = low;
    this.#vtimeHigh = high;
  }
}
