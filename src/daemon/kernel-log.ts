// Finds in the kernel's log why a scheduler left. The log is the truth here: the candidate's own
// exit record is its memory and can be forged. Reads /dev/kmsg without blocking, only when asked.
//
// A forged line can't pass: text written to /dev/kmsg by a process never has facility 0, and the
// newlines of a message are escaped, so a record begins where the kernel began it.

import { constants, openSync, readSync } from "node:fs";
import type { ExitRecord } from "../contract/node-protocol.ts";

/** Lines kept since the mark; what is older is forgotten first. */
const linesMax = 1000;
const exitLinesMax = 200;
/** The kernel's own limit of a record with its escapes lies below. */
const recordBytesMax = 8192;

/** `scx_exit_reason()` of kernel/sched/ext, in reverse. */
const kindOfReason: ReadonlyMap<string, number> = new Map([
  ["unregistered from user space", 64],
  ["unregistered from BPF", 65],
  ["unregistered from the main kernel", 66],
  ["disabled by sysrq-S", 67],
  ["runtime error", 1024],
  ["scx_bpf_error", 1025],
  ["runnable task stall", 1026],
]);

/** Gives one record a call, null when there is none at the moment. */
export type ReadRecord = () => string | null;

export class KernelLog {
  readonly #readRecord: ReadRecord;
  #lines: string[] = [];

  constructor(readRecord: ReadRecord) {
    this.#readRecord = readRecord;
  }

  /** Forgets everything so far: what follows belongs to the next deployment. */
  mark(): void {
    this.#drain();
    this.#lines = [];
  }

  /** Why this scheduler left since the mark; null where the log has no word of it. */
  exitOf(opsName: string): ExitRecord | null {
    this.#drain();
    return findExit(this.#lines, opsName);
  }

  #drain(): void {
    for (let record = this.#readRecord(); record !== null; record = this.#readRecord()) {
      const line = kernelLine(record);
      if (line === null) continue;
      this.#lines.push(line.slice(0, 2048));
      if (this.#lines.length > linesMax) this.#lines.shift();
    }
  }
}

/** `priority,sequence,time,flags;text\n KEY=value…` → the text, where the kernel itself wrote it. */
export function kernelLine(record: string): string | null {
  const match = /^(\d+),\d+,\d+,[^;\n]*;([^\n]*)/.exec(record);
  if (match === null) return null;
  const facility = Number(match[1]) >> 3;
  return facility === 0 ? (match[2] ?? null) : null;
}

export function findExit(lines: readonly string[], opsName: string): ExitRecord | null {
  const first = lines.findIndex((line) => disabledReason(line, opsName) !== null);
  const head = lines[first];
  if (head === undefined) return null;
  const reason = disabledReason(head, opsName) ?? "";
  const log = [head];
  // The message and the stack trace follow directly.
  for (const line of lines.slice(first + 1, first + exitLinesMax)) {
    if (!/^(\s|sched_ext: )/.test(line) || line.startsWith("sched_ext: BPF ")) break;
    log.push(line);
  }
  const prefix = `sched_ext: ${opsName}: `;
  const message = log.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? "";
  return {
    kind: kindOfReason.get(reason) ?? null,
    reason: reason.slice(0, 256),
    message: message.slice(0, 1024),
    log: log.map((line) => line.slice(0, 512)),
  };
}

function disabledReason(line: string, opsName: string): string | null {
  const prefix = `sched_ext: BPF scheduler "${opsName}" disabled (`;
  return line.startsWith(prefix) && line.endsWith(")") ? line.slice(prefix.length, -1) : null;
}

/** Reads the real /dev/kmsg. EPIPE: records were overwritten before they were read; go on after them. */
export function openKernelLog(path: string): KernelLog {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(recordBytesMax);
  return new KernelLog(() => {
    for (;;) {
      try {
        const bytes = readSync(descriptor, buffer, 0, buffer.length, null);
        return bytes === 0 ? null : buffer.toString("utf8", 0, bytes);
      } catch (thrown) {
        const { code } = thrown as NodeJS.ErrnoException;
        if (code === "EAGAIN") return null;
        if (code !== "EPIPE") throw thrown;
      }
    }
  });
}
