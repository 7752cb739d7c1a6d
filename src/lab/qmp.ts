// A QMP client (QEMU's own control protocol: one JSON document a line) for one guest.

import type { Duplex } from "node:stream";
import { SchedcpError } from "../contract/errors.ts";

const lineBytesMax = 1024 * 1024;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export class Qmp {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #greeting: Promise<void>;
  #greeted: (() => void) | null = null;
  #closed: SchedcpError | null = null;
  #buffer = "";
  #id = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#greeting = new Promise((resolve) => {
      this.#greeted = resolve;
    });
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => this.#receive(chunk));
    stream.on("error", () => this.#end());
    stream.on("close", () => this.#end());
    stream.on("end", () => this.#end());
  }

  /** Leaves the greeting's negotiation mode; to be called once. */
  async negotiate(): Promise<void> {
    await this.#greeting;
    await this.execute("qmp_capabilities");
  }

  execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    this.#id += 1;
    const id = this.#id;
    const message = { execute: command, id, ...(args === undefined ? {} : { arguments: args }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#stream.write(`${JSON.stringify(message)}\n`);
    });
  }

  #receive(chunk: string): void {
    this.#buffer += chunk;
    if (this.#buffer.length > lineBytesMax) return void this.#stream.destroy();
    const lines = this.#buffer.split("\n");
    this.#buffer = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") this.#handle(line);
  }

  #handle(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch (error) {
      // A QEMU that no longer speaks its protocol is not to be trusted with anything further.
      if (!(error instanceof SyntaxError)) throw error;
      this.#stream.destroy();
      return;
    }
    if (typeof message !== "object" || message === null) return;
    if ("QMP" in message) this.#greeted?.();
    if (!("id" in message) || typeof message.id !== "number") return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("return" in message) {
      waiting?.resolve(message.return);
      return;
    }
    const words = "error" in message ? JSON.stringify(message.error) : "no answer";
    waiting?.reject(
      new SchedcpError("internal", `QEMU refused a command: ${words.slice(0, 512)}`, {
        hint: "Check `schedcp doctor`: QEMU 8.2 or newer is needed.",
      }),
    );
  }

  #end(): void {
    if (this.#closed !== null) return;
    this.#closed = new SchedcpError("node-lost", "the guest's QEMU ended", {
      hint: "Run again; if it stays so, look at `schedcp doctor`.",
    });
    this.#greeted?.();
    for (const { reject } of this.#waiting.values()) reject(this.#closed);
    this.#waiting.clear();
  }
}
