// A scheduler that its own program enabled, from then to its end. Watches what the kernel says of it:
// when the kernel threw it out, or its first process has ended, all of its processes are killed. Only
// where the kernel itself wished for it to be loaded anew (CPU hotplug) may the program do so. Made by
// binaries.ts, held by deployment.ts.

import type { ExitRecord, SchedExtStatus } from "../contract/node-protocol.ts";
import type { BinaryProcess } from "./binary-process.ts";
import { type Clock, waitUntil } from "./clock.ts";
import type { Adopted } from "./deployment.ts";
import type { KernelLog } from "./kernel-log.ts";
import type { SchedExt } from "./sched-ext.ts";

/** Somebody who asks sooner makes it look sooner. */
const lookEveryMs = 500;
const pollMs = 20;
/** The kernel runs every task through the old class's exit before it lets go. */
const releaseLimitMs = 5_000;
const returnLimitMs = 5_000;
/** SCX_EXIT_UNREG: user space let go; its processes' end is this too. */
const unregistered = 64;
/** SCX_EXIT_UNREG_KERN: in 7.2 for CPU hotplug only, with a restart asked for. */
const unregisteredByKernel = 66;

/** As much of the program's processes as is used here. */
export type WatchedProcess = Pick<
  BinaryProcess,
  "exit" | "ended" | "said" | "kill" | "killAll" | "clear"
>;

export interface LiveBinaryParts {
  schedExt: SchedExt;
  kernelLog: KernelLog;
  clock: Clock;
}

export class LiveBinary implements Adopted {
  readonly opsName: string;
  readonly left: Promise<ExitRecord>;
  readonly #parts: LiveBinaryParts;
  readonly #process: WatchedProcess;
  #enableSeq: number;
  /** Ended from here. */
  #isOrdered = false;
  #look = Promise.withResolvers<void>();
  /** What the next departure comes to: live again, or gone. */
  #decision = Promise.withResolvers<boolean>();

  constructor(parts: LiveBinaryParts, process: WatchedProcess, opsName: string, enableSeq: number) {
    this.#parts = parts;
    this.#process = process;
    this.opsName = opsName;
    this.#enableSeq = enableSeq;
    this.left = this.#watch();
  }

  end(): void {
    this.#isOrdered = true;
    void this.#process.killAll();
  }

  kill(): void {
    this.#isOrdered = true;
    this.#process.kill();
  }

  isLive({ state, ops, enableSeq }: SchedExtStatus): boolean {
    const isThere = state === "enabled" && ops === this.opsName && enableSeq === this.#enableSeq;
    return isThere && this.#process.exit === null;
  }

  async comesBack(): Promise<boolean> {
    const decision = this.#decision.promise;
    if (await this.#isLiveNow()) return true;
    this.#look.resolve();
    return decision;
  }

  async #watch(): Promise<ExitRecord> {
    while (await this.#goesOn()) {
      const { clock } = this.#parts;
      await Promise.race([this.#process.ended, this.#look.promise, clock.sleep(lookEveryMs)]);
      this.#look = Promise.withResolvers();
    }
    const exit = await this.#end();
    this.#decision.resolve(false);
    return exit;
  }

  async #goesOn(): Promise<boolean> {
    if (await this.#isLiveNow()) return true;
    if (this.#process.exit !== null || !(await this.#isBack())) return false;
    const { resolve } = this.#decision;
    this.#decision = Promise.withResolvers();
    resolve(true);
    return true;
  }

  async #isLiveNow(): Promise<boolean> {
    return this.isLive(await this.#parts.schedExt.read());
  }

  /** Why it left is in the log only once the kernel has done with it. */
  async #isBack(): Promise<boolean> {
    const { clock, schedExt, kernelLog } = this.#parts;
    await waitUntil(clock, releaseLimitMs, pollMs, async () => {
      const { state, enableSeq } = await schedExt.read();
      return state === "disabled" || enableSeq !== this.#enableSeq;
    });
    if (kernelLog.exitOf(this.opsName)?.kind !== unregisteredByKernel) return false;
    const isAgain = await waitUntil(clock, returnLimitMs, pollMs, async () => {
      if (this.#process.exit !== null) return true;
      const { state, ops, enableSeq } = await schedExt.read();
      if (state !== "enabled" || ops !== this.opsName || enableSeq === this.#enableSeq)
        return false;
      this.#enableSeq = enableSeq;
      return true;
    });
    if (!isAgain || this.#process.exit !== null) return false;
    kernelLog.mark();
    return true;
  }

  async #end(): Promise<ExitRecord> {
    const { clock, schedExt, kernelLog } = this.#parts;
    const before = this.#process.exit;
    const isDead = await this.#process.clear();
    const exit = this.#isOrdered ? null : (before ?? ownEnd(this.#process.exit));
    const isReleased = await waitUntil(clock, releaseLimitMs, pollMs, async () => {
      const { state, ops } = await schedExt.read();
      return state === "disabled" || (ops !== null && ops !== this.opsName);
    });
    if (!isDead) return withoutRecord("processes of the program did not die within 5 s");
    if (!isReleased) return withoutRecord(outlived);
    const record = kernelLog.exitOf(this.opsName);
    if (record === null) return withoutRecord("the kernel's log has no record of this exit");
    if (exit === null || record.kind !== unregistered || record.message !== "") return record;
    return { ...record, message: endWords(exit, this.#process.said) };
  }
}

const outlived =
  "all processes of the program are gone and the kernel still runs its scheduler: something else holds it, such as a pinned link";

function withoutRecord(message: string): ExitRecord {
  return { kind: null, reason: "unknown", message, log: [] };
}

/** The kernel lets go of a scheduler before its program's end is told: killed in between, it keeps its own. */
function ownEnd(exit: BinaryProcess["exit"]): BinaryProcess["exit"] {
  return exit?.signal === "SIGKILL" ? null : exit;
}

/** How a program ended, with the end of what it said. Its words are untrusted. */
function endWords(exit: NonNullable<BinaryProcess["exit"]>, said: string): string {
  const how = exit.signal === null ? `ended with ${exit.code}` : `died of ${exit.signal}`;
  return `its program ${how}, saying last: ${said.trimEnd().slice(-800)}`;
}
