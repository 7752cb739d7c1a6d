// Cuts a byte stream into lines of bounded length. Used at both ends of the node protocol and by the
// daemon for what the native programs answer. Holds at most one unfinished line; never parses.

import { SchedcpError } from "./errors.ts";

const newline = 0x0a;

export class LineSplitter {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes held of a line that has not ended yet. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /**
   * The lines that this chunk completes, without their newline; bytes that are no UTF-8 become
   * U+FFFD. A line longer than the limit throws `limit-exceeded` after the lines before it were
   * handed out, and what was held of it is forgotten.
   */
  *push(chunk: Uint8Array): Generator<string, void, void> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (this.#bytes + part.length > this.#bytesMax) {
        this.#take();
        throw new SchedcpError("limit-exceeded", `a line is longer than ${this.#bytesMax} bytes`, {
          hint: "Send smaller messages: a policy object may have 8 MiB.",
          details: { bytesMax: this.#bytesMax },
        });
      }
      if (part.length > 0) this.#parts.push(part);
      this.#bytes += part.length;
      if (end === -1) return;
      yield this.#take();
      start = end + 1;
    }
  }

  #take(): string {
    const line = Buffer.concat(this.#parts, this.#bytes).toString("utf8");
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}
