// bpf_timer (kernel/bpf/helpers.c): a timer is known by the address of its struct in a map's value. Its
// callback runs as fn(map, key, value) on the CPU that armed it.

import { errno } from "./errno.ts";
import type { BpfMap } from "./maps/bpf-map.ts";
import type { Surroundings } from "./surroundings.ts";

interface Timer {
  map: BpfMap;
  callback: number;
  /** Of Kernel.startTimer; -1: not armed. */
  handle: number;
}

const startFlags = { absolute: 1, pinned: 2 } as const;

export class Timers {
  readonly #surroundings: Surroundings;
  readonly #timers = new Map<number, Timer>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  initialise(address: number, map: BpfMap): number {
    if (this.#timers.has(address)) return errno.busy;
    this.#timers.set(address, { map, callback: 0, handle: -1 });
    return 0;
  }

  setCallback(address: number, callback: number): number {
    const timer = this.#timers.get(address);
    if (!timer) return errno.invalid;
    timer.callback = callback;
    return 0;
  }

  start(address: number, ns: number, flags: number): number {
    const timer = this.#timers.get(address);
    if (!timer || timer.callback === 0) return errno.invalid;
    if (flags & ~(startFlags.absolute | startFlags.pinned)) return errno.invalid;
    const { kernel } = this.#surroundings;
    if (timer.handle >= 0) kernel.cancelTimer(timer.handle);
    const at = flags & startFlags.absolute ? ns : kernel.now() + ns;
    // Beyond 2^53 ns (104 days) nothing in a run ever happens.
    const reachable = Math.min(Math.max(at, kernel.now()), Number.MAX_SAFE_INTEGER);
    timer.handle = kernel.startTimer(reachable, () => this.#fire(address, timer));
    return 0;
  }

  /** 1 where it was armed, as hrtimer_cancel() says. */
  cancel(address: number): number {
    const timer = this.#timers.get(address);
    if (!timer) return errno.invalid;
    if (timer.handle < 0) return 0;
    const was = this.#surroundings.kernel.cancelTimer(timer.handle);
    timer.handle = -1;
    return was ? 1 : 0;
  }

  /** The value that held them is gone (bpf_obj_free_timer). */
  forget(value: number, size: number): void {
    if (this.#timers.size === 0) return;
    for (const address of [...this.#timers.keys()]) {
      if (address < value || address >= value + size) continue;
      this.cancel(address);
      this.#timers.delete(address);
    }
  }

  #fire(address: number, timer: Timer): void {
    timer.handle = -1;
    const entry = timer.map.entryAt(address);
    if (!entry) return;
    const { machine } = this.#surroundings;
    this.#surroundings.outsideOps(() => {
      machine.callback(timer.callback, timer.map.handle, entry.key, entry.value, 0, 0);
    });
  }
}
