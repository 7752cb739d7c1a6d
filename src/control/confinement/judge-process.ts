// A child process that answers lines with lines, one at a time, bounded in time and length. Knows nothing
// of what they say. Called by confined-judge.ts.

import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { killGroup } from "./kill-group.ts";

/** A recording of a long run is some MB. */
const lineCharsMax = 256 * 1024 * 1024;
const errorCharsMax = 64 * 1024;

export type Answer =
  | { kind: "line"; line: string }
  | { kind: "late" }
  /** `words`: how it ended, and the end of what it wrote to its standard error. */
  | { kind: "died"; words: string };

export class JudgeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #chunks: string[] = [];
  #length = 0;
  #errors = "";
  #answered: ((answer: Answer) => void) | null = null;

  /** `onEnd`: it is gone, whoever ended it. */
  constructor(child: ChildProcess, onEnd: () => void) {
    this.#child = child;
    const [input, output, errors] = [child.stdin, child.stdout, child.stderr] as [
      Writable,
      Readable,
      Readable,
    ];
    // One that ended reads no more: its end says why, not the pipe.
    input.on("error", () => undefined);
    output.setEncoding("utf8").on("data", (chunk: string) => this.#receive(chunk));
    errors.setEncoding("utf8").on("data", (chunk: string) => {
      this.#errors = (this.#errors + chunk).slice(-errorCharsMax);
    });
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => resolve(`it ended with ${signal ?? code}`));
    });
    void this.#ended.then((how) => {
      onEnd();
      this.#answered?.({ kind: "died", words: `${this.#errors}\n${how}` });
    });
    this.#hold(false);
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Rejects with the signal's reason where it is aborted; the process then has to be ended. */
  async ask(line: string, timeMsMax: number, signal: AbortSignal | undefined): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => resolve({ kind: "late" }), timeMsMax);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#answered = resolve;
    this.#hold(true);
    try {
      this.tell(line);
      return await promise;
    } finally {
      this.#answered = null;
      this.#hold(false);
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  async end(): Promise<void> {
    this.#hold(true);
    killGroup(this.#child);
    // Not to the pipes' end: whoever was killed while it started may have left them to a child.
    for (const part of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) part?.destroy();
    await this.#ended;
  }

  #receive(chunk: string): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > lineCharsMax) {
      this.#errors = "it says too much";
      killGroup(this.#child);
      return;
    }
    if (!chunk.endsWith("\n")) return;
    const line = this.#chunks.join("").slice(0, -1);
    this.#chunks = [];
    this.#length = 0;
    this.#answered?.({ kind: "line", line });
  }

  /** An idle process keeps nobody from ending. */
  #hold(busy: boolean): void {
    const parts = [this.#child, this.#child.stdin, this.#child.stdout, this.#child.stderr];
    for (const part of parts) {
      if (part === null || !("ref" in part && "unref" in part)) continue;
      const { ref, unref } = part as { ref(): void; unref(): void };
      (busy ? ref : unref).call(part);
    }
  }
}
