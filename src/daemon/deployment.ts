// Owns the one loader process, and so the one scheduler that this daemon may have in the kernel:
// none → loading → live → ended. Whatever goes wrong, the loader ends and the kernel's default is
// back. A scheduler's own program (binaries.ts) can be in the loader's place. What is live is asked of
// the kernel each time, never remembered. The loader of an ejected policy stays, without any hold on the
// kernel's scheduling, so that the policy's memory can be read.

import { createHash } from "node:crypto";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type {
  DeploymentStatus,
  ExitRecord,
  Imposed,
  SchedExtStatus,
} from "../contract/node-protocol.ts";
import type { ParameterValue } from "../contract/policy.ts";
import { type Clock, waitUntil } from "./clock.ts";
import type { KernelLog } from "./kernel-log.ts";
import { loaderError, loaderHeader } from "./loader-header.ts";
import {
  type NativeError,
  NativeProcess,
  nativeErrorSchema,
  type StartChild,
} from "./native-process.ts";
import type { SchedExt } from "./sched-ext.ts";

/** A read copies memory; it can be late only where the loader can't run. */
const readLimitMs = 5_000;
/** The loader waits 5 s itself for the kernel to let go. */
const detachLimitMs = 6_000;
const releaseLimitMs = 5_000;
const pollMs = 20;

const loaderEventSchema = z.union([
  z.object({
    event: z.literal("attached"),
    opsName: z.string().max(128),
    enableSeq: z.number().int(),
    durationMs: z.number(),
  }),
  nativeErrorSchema,
  z.object({
    event: z.literal("map"),
    name: z.string().max(64),
    data: z.string().max(Math.ceil(limits.policyMapBytesMax / 3) * 4),
  }),
  z.object({ event: z.literal("gone") }),
  z.object({ event: z.literal("detached") }),
]);
type LoaderEvent = z.infer<typeof loaderEventSchema>;
type LoaderProcess = NativeProcess<LoaderEvent>;
/** Null: the loader ended before it answered. */
type ReadAnswer = Extract<LoaderEvent, { event: "map" | "error" }> | null;

export interface DeploymentRequest {
  name: string;
  object: Uint8Array;
  /** Of the object: what was permitted is what is loaded. */
  sha256: string;
  knobs: Readonly<Record<string, ParameterValue>>;
  hints: readonly { cgroupId: bigint; cpuMs: number }[];
  imposed: Imposed;
}

export interface Deployed {
  opsName: string;
  enableSeq: number;
  durationMs: number;
}

/** What holds the scheduler that is live: when its processes end, the kernel lets go. */
export interface Holder {
  /** The order to end. */
  end(): void;
  /** Its sudden death. */
  kill(): void;
  /** Whether the kernel runs what it enabled. */
  isLive(status: SchedExtStatus): boolean;
  /** Where the kernel does not: whether it is live again, without anybody's asking. */
  comesBack(): Promise<boolean>;
}

/** A scheduler that was enabled in another way than by our loader. */
export interface Adopted extends Holder {
  readonly opsName: string;
  /** Why it left: nothing of it runs any more then. Never rejects. */
  readonly left: Promise<ExitRecord>;
}

type Phase =
  | { kind: "none" }
  | { kind: "loading" }
  | {
      kind: "live";
      opsName: string;
      holder: Holder;
      /** Null of one that was adopted. */
      loader: LoaderProcess | null;
      left: Promise<void>;
    }
  /** With a loader: ejected, and its memory is still there. */
  | { kind: "ended"; opsName: string; exit: ExitRecord; loader: LoaderProcess | null };

export interface DeploymentParts {
  start: StartChild;
  schedExt: SchedExt;
  kernelLog: KernelLog;
  clock: Clock;
}

export class Deployment {
  readonly #parts: DeploymentParts;
  #phase: Phase = { kind: "none" };
  /** The read that is under way, at most one of a loader's. */
  #read: { of: LoaderProcess; settle: (answer: ReadAnswer) => void } | null = null;

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
  }

  /** Loads and enables one policy. `signal`: whoever wanted it is gone. */
  async load(request: DeploymentRequest, signal: AbortSignal): Promise<Deployed> {
    const sha256 = createHash("sha256").update(request.object).digest("hex");
    if (sha256 !== request.sha256) {
      throw new SchedcpError(
        "policy-invalid",
        "the object's bytes have another digest than named",
        {
          hint: "Send the very bytes that were verified.",
          details: { expected: request.sha256, actual: sha256 },
        },
      );
    }
    const opsName = request.name.replaceAll("-", "_");
    const header = loaderHeader(request, opsName);
    return this.#begun(async () => {
      const loader: LoaderProcess = new NativeProcess(
        this.#parts.start,
        "schedcp-loader",
        loaderEventSchema,
        header,
        request.object,
      );
      const deployed = await this.#attached(loader, opsName, signal);
      const holder: Holder = {
        end: () => loader.endInput(),
        kill: () => loader.kill(),
        isLive: (status) => runs(status, opsName),
        comesBack: async () => false,
      };
      const left = this.#watch(loader, opsName);
      this.#phase = { kind: "live", opsName, holder, loader, left };
      return deployed;
    });
  }

  /** Has `start` enable a scheduler, which from then on is the one that is live here. */
  async adopt<T extends Adopted>(start: () => Promise<T>): Promise<T> {
    return this.#begun(async () => {
      const holder = await start();
      const { opsName } = holder;
      const left = holder.left.then((exit) => {
        this.#phase = { kind: "ended", opsName, exit, loader: null };
      });
      this.#phase = { kind: "live", opsName, holder, loader: null, left };
      return holder;
    });
  }

  /** One at a time, and where nobody else's scheduler runs. */
  async #begun<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#phase;
    if (before.kind === "loading" || before.kind === "live") throw ownBusy(before);
    this.#forget();
    this.#phase = { kind: "loading" };
    try {
      refuseForeign(await this.#parts.schedExt.read());
      this.#parts.kernelLog.mark();
      return await work();
    } finally {
      if (this.#phase.kind === "loading") this.#phase = { kind: "none" };
    }
  }

  async status(): Promise<DeploymentStatus> {
    let schedExt = await this.#parts.schedExt.read();
    if (this.#phase.kind === "live" && !this.#phase.holder.isLive(schedExt)) {
      // Ejected a moment ago: its holder sees it too, and then the kernel's words are complete.
      const isBack = await this.#phase.holder.comesBack();
      if (!isBack && this.#phase.kind === "live") await this.#leave(this.#phase, detachLimitMs);
      schedExt = await this.#parts.schedExt.read();
    }
    const phase = this.#phase;
    if (phase.kind === "live") {
      return { state: "live", opsName: phase.opsName, exit: null, schedExt };
    }
    if (phase.kind === "ended") {
      return { state: "ended", opsName: phase.opsName, exit: phase.exit, schedExt };
    }
    return { state: "none", opsName: null, exit: null, schedExt };
  }

  /** Brings the kernel's default back; a no-op where nothing is live. */
  async unload(): Promise<DeploymentStatus> {
    if (this.#phase.kind === "live") {
      this.#phase.holder.end();
      await this.#leave(this.#phase, detachLimitMs);
    }
    this.#forget();
    const status = await this.status();
    if (status.opsName !== null && status.schedExt.ops === status.opsName) {
      throw new SchedcpError("internal", `the kernel does not let go of ${status.opsName}`, {
        hint: "Restart the node: a callback of the policy that never returns can cause this.",
      });
    }
    return status;
  }

  /** The loader's sudden death: the kernel lets go by itself. A no-op where nothing is live. */
  async killLoader(): Promise<void> {
    if (this.#phase.kind !== "live") return;
    const { holder, left } = this.#phase;
    holder.kill();
    await left;
  }

  /** Base64 of an array map or a global of the policy that is live or was ejected. */
  async readMap(name: string, bytesMax: number): Promise<string> {
    const phase = this.#phase;
    const loader = phase.kind === "live" || phase.kind === "ended" ? phase.loader : null;
    if (loader === null) throw nothingToRead();
    if (this.#read?.of === loader) throw readBusy();
    const answered = new Promise<ReadAnswer>((settle) => {
      this.#read = { of: loader, settle };
    });
    loader.request(`read ${name} ${bytesMax}`);
    const late = this.#parts.clock.sleep(readLimitMs).then(() => "late" as const);
    const answer = await Promise.race([answered, late]);
    // A late answer is still awaited, by nobody, before the next read.
    if (answer === "late") throw readBusy();
    if (answer === null) throw nothingToRead();
    if (answer.event === "error") throw readError(answer);
    return answer.data;
  }

  /** Ends the loader of an ejected policy: nothing of it is in the kernel any more but its memory. */
  #forget(): void {
    if (this.#phase.kind !== "ended") return;
    this.#phase.loader?.kill();
    this.#phase = { ...this.#phase, loader: null };
  }

  async #attached(loader: LoaderProcess, opsName: string, signal: AbortSignal): Promise<Deployed> {
    const abort = () => loader.kill();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    try {
      const event = await loader.next();
      if (event?.event === "attached" && event.opsName === opsName && !signal.aborted) {
        return { opsName, enableSeq: event.enableSeq, durationMs: event.durationMs };
      }
      loader.kill();
      await loader.ended();
      await this.#released(opsName);
      throw loaderError(event, signal.aborted, this.#parts.kernelLog.exitOf(opsName));
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** From attached to the end: resolves when the phase is `ended`, whoever ended it. */
  async #watch(loader: LoaderProcess, opsName: string): Promise<void> {
    const ejected = await this.#eventsUntilGone(loader);
    if (!ejected) await loader.ended();
    await this.#released(opsName);
    const exit = this.#parts.kernelLog.exitOf(opsName) ?? noWords;
    this.#phase = { kind: "ended", opsName, exit, loader: ejected ? loader : null };
    if (ejected) void this.#eventsUntilGone(loader);
  }

  /** Hands answers to who reads. True: the kernel ejected the policy; false: the loader has ended. */
  async #eventsUntilGone(loader: LoaderProcess): Promise<boolean> {
    for (;;) {
      const event = await nextOrEnd(loader);
      if (event?.event === "gone") return true;
      if (event === null || event.event === "map" || event.event === "error") {
        if (this.#read?.of === loader) {
          this.#read.settle(event);
          this.#read = null;
        }
      }
      if (event === null) return false;
    }
  }

  async #leave(phase: Phase & { kind: "live" }, limitMs: number): Promise<void> {
    const gone = phase.left.then(() => true);
    const late = this.#parts.clock.sleep(limitMs).then(() => false);
    if (await Promise.race([gone, late])) return;
    phase.holder.kill();
    await phase.left;
  }

  /** With the loader gone the kernel disables its scheduler; waits until it has, but not for ever. */
  async #released(opsName: string): Promise<boolean> {
    return waitUntil(this.#parts.clock, releaseLimitMs, pollMs, async () => {
      const { state, ops } = await this.#parts.schedExt.read();
      return state === "disabled" || state === "unsupported" || (ops !== null && ops !== opsName);
    });
  }
}

const noWords: ExitRecord = {
  kind: null,
  reason: "unknown",
  message: "the kernel's log has no record of this exit",
  log: [],
};

/** Null: it has ended, or said what no loader says and is being killed. */
async function nextOrEnd(loader: LoaderProcess): Promise<LoaderEvent | null> {
  try {
    return await loader.next();
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError)) throw thrown;
    return null;
  }
}

function nothingToRead(): SchedcpError {
  return new SchedcpError("not-found", "no policy's memory is there to be read", {
    hint: "Read it while the policy is live, or after its ejection and before it is unloaded.",
  });
}

function readBusy(): SchedcpError {
  return new SchedcpError("busy", "a read of the policy's memory has not been answered yet", {
    hint: "Ask again in a moment.",
  });
}

function readError({ code, message }: NativeError): SchedcpError {
  const codes = { ENOENT: "not-found", E2BIG: "limit-exceeded" } as const;
  return new SchedcpError(
    code === "ENOENT" || code === "E2BIG" ? codes[code] : "internal",
    message,
    {
      hint: "Name an array map or a global variable of the policy, and as many bytes as it has.",
      details: { errno: code },
    },
  );
}

function runs(status: SchedExtStatus, opsName: string): boolean {
  return status.state === "enabled" && status.ops === opsName;
}

function ownBusy(phase: Phase & { kind: "loading" | "live" }): SchedcpError {
  const what =
    phase.kind === "live" ? `policy ${phase.opsName} is live` : "a policy is being loaded";
  return new SchedcpError("busy", `${what} on this node`, {
    hint: "Unload it first; one policy at a time can be live.",
  });
}

/** A scheduler that somebody else enabled is never displaced. */
function refuseForeign(status: SchedExtStatus): void {
  if (status.state === "disabled") return;
  if (status.state === "unsupported") {
    throw new SchedcpError("not-supported", "this kernel has no sched_ext", {
      hint: "Use a kernel ≥ 6.12 with CONFIG_SCHED_CLASS_EXT=y, or the lab's own.",
    });
  }
  const name = status.ops ?? "(not named yet)";
  throw new SchedcpError("busy", `the scheduler ${name} is ${status.state} on this node`, {
    hint: "It is not schedcp's: stop the program that loaded it, then try again.",
    details: { ops: status.ops, state: status.state },
  });
}
