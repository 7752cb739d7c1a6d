// What a guest prints on its serial console, kept bounded. It is the guest's word: untrusted, escaped
// before anyone sees it. It also tells why a guest died.

import type { Readable } from "node:stream";
import type { NodeDeath } from "../contract/node.ts";

const linesMax = 400;
const lineCharsMax = 400;

export class Console {
  #lines: string[] = [];
  #partial = "";
  readonly #waiting = new Set<{ pattern: RegExp; resolve: () => void }>();

  read(stream: Readable): void {
    stream.setEncoding("latin1");
    stream.on("data", (chunk: string) => this.#receive(chunk));
  }

  note(line: string): void {
    this.#add(line);
  }

  /** The last `count` lines. */
  tail(count: number): string[] {
    return [...this.#lines, ...(this.#partial === "" ? [] : [this.#partial])].slice(-count);
  }

  /** Resolves once a line matches; the caller bounds the time. */
  until(pattern: RegExp): Promise<void> {
    if (this.#lines.some((line) => pattern.test(line))) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ pattern, resolve }));
  }

  /** Reads the kernel's last words. Only asked for once the guest is gone. */
  death(emulated: boolean): NodeDeath {
    return classifyDeath(this.tail(linesMax), emulated);
  }

  #receive(chunk: string): void {
    const lines = (this.#partial + chunk).split("\n");
    this.#partial = (lines.pop() ?? "").slice(-lineCharsMax);
    for (const line of lines) this.#add(line);
  }

  #add(raw: string): void {
    const line = escapeLine(raw.trimEnd()).slice(0, lineCharsMax);
    this.#lines.push(line);
    if (this.#lines.length > linesMax) this.#lines = this.#lines.slice(-linesMax / 2);
    for (const waiting of this.#waiting) {
      if (!waiting.pattern.test(line)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

function escapeLine(line: string): string {
  return line.replace(
    /[^\x20-\x7e]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/**
 * Multi-threaded emulation races with the kernel's patching of its own text when a scheduler is
 * attached or detached: an `int3` trap that no one claims. That is the emulator's doing. Any other
 * panic happened on the candidate's watch.
 */
export function classifyDeath(lines: string[], emulated: boolean): NodeDeath {
  const at = lines.findIndex((line) => /Kernel panic|Oops:|BUG:|Internal error/.test(line));
  if (at < 0) return { kind: "gone", log: lines.slice(-20) };
  const log = lines.slice(Math.max(0, at - 5), at + 60);
  // Anchored: the words may also stand in a task's name or in what a candidate prints.
  const trap = log.some((line) => /^\[\s*\d+\.\d+\] Oops: int3: 0000 \[#\d+\]/.test(line));
  return { kind: trap && emulated ? "emulator" : "kernel-panic", log };
}
