// The processes of a scheduler's own program: the one that was started, in a cgroup of its own, and
// whatever it starts. Keeps the end of what it prints, ends all of them together, tells how it ended.
// Knows nothing of schedulers. Called by binaries.ts and live-binary.ts.

import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { limits } from "../contract/limits.ts";
import { type Clock, waitUntil } from "./clock.ts";

/** Threads are counted too: Rust's runtimes start one a CPU, and a few more. */
const pidsMax = 512;
const memoryBytesMax = 512 * 2 ** 20;
const killLimitMs = 5_000;
const pollMs = 10;

/** As much of a child process as is used here; node's ChildProcess is one. */
export interface BinaryChild {
  readonly stdout: Readable;
  readonly stderr: Readable;
  kill(signal: "SIGKILL"): boolean;
  once(event: "error", listener: (error: Error) => void): unknown;
  once(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
}

/** Starts the program of that name; its first process joins the cgroup before it is the program. */
export type StartBinary = (
  name: string,
  cgroup: string,
  environment: Readonly<Record<string, string>>,
) => BinaryChild;

export class BinaryProcess {
  readonly #child: BinaryChild;
  readonly #cgroup: string;
  readonly #clock: Clock;
  /** How the first process ended by itself or was killed; null while it runs. */
  exit: { code: number | null; signal: string | null } | null = null;
  readonly ended: Promise<void>;
  #said = "";

  private constructor(child: BinaryChild, cgroup: string, clock: Clock) {
    this.#child = child;
    this.#cgroup = cgroup;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.exit = { code, signal };
        resolve();
      });
      child.once("error", (error) => {
        this.exit = { code: null, signal: null };
        this.#hear(Buffer.from(error.message));
        resolve();
      });
    });
    // Drained for as long as it runs: who prints must not be held up by a full pipe.
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => this.#hear(chunk));
      stream.on("error", () => undefined);
    }
  }

  /** `cgroup`: a directory of the cgroup2 file system that is not there yet. */
  static async start(
    start: StartBinary,
    clock: Clock,
    given: { name: string; cgroup: string; environment: Readonly<Record<string, string>> },
  ): Promise<BinaryProcess> {
    const { name, cgroup, environment } = given;
    await mkdir(cgroup);
    await writeFile(join(cgroup, "memory.max"), String(memoryBytesMax));
    await writeFile(join(cgroup, "pids.max"), String(pidsMax));
    return new BinaryProcess(start(name, cgroup, environment), cgroup, clock);
  }

  /** The end of what it printed, on either stream. Untrusted text. */
  get said(): string {
    return this.#said;
  }

  /** Whether any process of it lives, be it the first one or not. */
  async isPopulated(): Promise<boolean> {
    const events = await readFile(join(this.#cgroup, "cgroup.events"), "utf8");
    return !/^populated 0$/m.test(events);
  }

  /** The first process only. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** All of its processes; `clear` waits until they are dead. A no-op once it is cleared. */
  async killAll(): Promise<void> {
    try {
      await writeFile(join(this.#cgroup, "cgroup.kill"), "1");
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
    }
  }

  /** Ends all that is left of it; false where processes do not die, and it stays as it is. */
  async clear(): Promise<boolean> {
    await this.killAll();
    const isOver = async () => this.exit !== null && !(await this.isPopulated());
    if (!(await waitUntil(this.#clock, killLimitMs, pollMs, isOver))) return false;
    await rmdir(this.#cgroup);
    return true;
  }

  #hear(chunk: Buffer): void {
    this.#said = (this.#said + chunk.toString("utf8")).slice(-limits.errorTailBytesMax);
  }
}
