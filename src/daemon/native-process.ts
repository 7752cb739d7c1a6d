// A running native program (native/README.md): feeds its header and payload, reads its answers as
// checked events. Used by deployment, run and probe; it knows nothing of what the programs do.

import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { LineSplitter } from "../contract/lines.ts";

/** As much of a child process as is used here; node's ChildProcess is one. */
export interface Child {
  readonly stdin: Writable;
  readonly stdout: Readable;
  kill(signal: "SIGKILL"): boolean;
  once(event: "error", listener: (error: Error) => void): unknown;
  once(event: "close", listener: () => void): unknown;
}

/** Starts a program of the native directory by its name. From the main thread: see PR_SET_PDEATHSIG. */
export type StartChild = (program: string) => Child;

/** A fault that every one of the programs can report. */
export const nativeErrorSchema = z.object({
  event: z.literal("error"),
  stage: z.string().max(32),
  code: z.string().max(32),
  message: z.string().max(64 * 1024),
  log: z.string().max(limits.verifierLogBytesMax).optional(),
  knob: z.string().max(64).optional(),
  knobs: z.array(z.string().max(128)).max(1024).optional(),
});
export type NativeError = z.infer<typeof nativeErrorSchema>;

/** Events that may wait to be taken: one for each task of a run, and a few more. */
const eventsMax = limits.workloadProcessesMax + 16;

export class NativeProcess<Event> {
  readonly program: string;
  readonly #child: Child;
  readonly #schema: z.ZodType<Event>;
  readonly #events: Event[] = [];
  readonly #splitter = new LineSplitter(limits.messageBytesMax);
  #fault: SchedcpError | null = null;
  #closed = false;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(
    start: StartChild,
    program: string,
    schema: z.ZodType<Event>,
    header?: readonly string[],
    payload?: Uint8Array,
  ) {
    this.program = program;
    this.#schema = schema;
    this.#child = start(program);
    this.#child.once("error", (cause) => {
      this.#fail(`${program} could not be started: ${cause.message}`);
      this.#close();
    });
    this.#child.once("close", () => this.#close());
    // A program that refuses its header ends without reading on; its answer says why, not the pipe.
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    if (header !== undefined) this.feed(header, payload);
  }

  /** What the program waits for, once: in the constructor where it is known by then. */
  feed(header: readonly string[], payload?: Uint8Array): void {
    this.#child.stdin.write(`${header.join("\n")}\n\n`);
    if (payload !== undefined) this.#child.stdin.write(payload);
  }

  /** One line, to a program that takes requests after its header. */
  request(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next event; null when the program has ended and all was taken. */
  async next(): Promise<Event | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#fault !== null) throw this.#fault;
      if (this.#closed) return null;
      await this.#wake.promise;
    }
  }

  /** Resolves when the program has ended. */
  async ended(): Promise<void> {
    while (!this.#closed) await this.#wake.promise;
  }

  /** The order to end. */
  endInput(): void {
    this.#child.stdin.end();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #receive(chunk: Uint8Array): void {
    if (this.#fault !== null) return;
    try {
      for (const line of this.#splitter.push(chunk)) this.#accept(line);
    } catch (thrown) {
      if (!(thrown instanceof SchedcpError || thrown instanceof SyntaxError)) throw thrown;
      this.#fail(`${this.program}: ${thrown.message}`);
    }
    if (this.#fault !== null) this.kill();
    this.#notify();
  }

  #accept(line: string): void {
    const event = this.#schema.safeParse(JSON.parse(line));
    if (!event.success)
      this.#fail(`${this.program} answers in another form: ${event.error.message}`);
    else if (this.#events.length >= eventsMax) this.#fail(`${this.program} says too much`);
    else this.#events.push(event.data);
  }

  #fail(message: string): void {
    this.#fault ??= new SchedcpError("internal", message.slice(0, 1024), {
      hint: "The node daemon and its native programs are of different versions; run `schedcp setup`.",
    });
  }

  #close(): void {
    this.#closed = true;
    this.#notify();
  }

  #notify(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }
}
