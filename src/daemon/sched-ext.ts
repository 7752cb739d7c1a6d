// What /sys/kernel/sched_ext says, read afresh each time: the one source of truth on what is
// deployed. Reads only.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SchedExtStatus } from "../contract/node-protocol.ts";

const eventsMax = 128;

export class SchedExt {
  readonly #directory: string;

  /** `directory`: /sys/kernel/sched_ext, or a copy of its form in a test. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(): Promise<SchedExtStatus> {
    const state = await this.#file("state");
    if (state === null) return { state: "unsupported", ops: null, enableSeq: 0, events: {} };
    const [ops, enableSeq, events] = await Promise.all([
      this.#file("root/ops"),
      this.#file("enable_seq"),
      this.#file("root/events"),
    ]);
    return {
      state: state.slice(0, 32),
      ops: ops === null || ops === "" ? null : ops.slice(0, 128),
      enableSeq: Number.parseInt(enableSeq ?? "0", 10),
      events: readEvents(events ?? ""),
    };
  }

  /** Whether the running scheduler has all ordinary tasks, not those of class SCHED_EXT only. */
  async hasSwitchedAll(): Promise<boolean> {
    return (await this.#file("switch_all")) === "1";
  }

  /** Null where the file is not there: `root` comes and goes with the scheduler. */
  async #file(name: string): Promise<string | null> {
    try {
      return (await readFile(join(this.#directory, name), "utf8")).trim();
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENODEV" || code === "ENOTDIR") return null;
      throw thrown;
    }
  }
}

/** Lines of `NAME COUNT`; an open list, newer kernels have more. */
function readEvents(text: string): Record<string, number> {
  const events: Record<string, number> = {};
  for (const line of text.split("\n").slice(0, eventsMax)) {
    const match = /^(\w{1,64})\s+(-?\d{1,15})$/.exec(line);
    if (match?.[1] !== undefined) events[match[1]] = Number(match[2]);
  }
  return events;
}
