// Owns the one loader process, and so the one scheduler that this daemon may have in the kernel:
// none → loading → live → ended. Whatever goes wrong, the loader ends and the kernel's default is
// back. What is live is asked of the kernel each time, never remembered.

import { createHash } from "node:crypto";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
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
import { NativeProcess, nativeErrorSchema, type StartChild } from "./native-process.ts";
import type { SchedExt } from "./sched-ext.ts";

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
  z.object({ event: z.literal("gone") }),
  z.object({ event: z.literal("detached") }),
]);
type LoaderProcess = NativeProcess<z.infer<typeof loaderEventSchema>>;

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

type Phase =
  | { kind: "none" }
  | { kind: "loading" }
  | { kind: "live"; opsName: string; loader: LoaderProcess; left: Promise<void> }
  | { kind: "ended"; opsName: string; exit: ExitRecord };

export interface DeploymentParts {
  start: StartChild;
  schedExt: SchedExt;
  kernelLog: KernelLog;
  clock: Clock;
}

export class Deployment {
  readonly #parts: DeploymentParts;
  #phase: Phase = { kind: "none" };

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
    const before = this.#phase;
    if (before.kind === "loading" || before.kind === "live") throw ownBusy(before);
    this.#phase = { kind: "loading" };
    try {
      refuseForeign(await this.#parts.schedExt.read());
      this.#parts.kernelLog.mark();
      const loader: LoaderProcess = new NativeProcess(
        this.#parts.start,
        "schedcp-loader",
        loaderEventSchema,
        header,
        request.object,
      );
      const deployed = await this.#attached(loader, opsName, signal);
      this.#phase = { kind: "live", opsName, loader, left: this.#watch(loader, opsName) };
      return deployed;
    } finally {
      if (this.#phase.kind === "loading") this.#phase = { kind: "none" };
    }
  }

  async status(): Promise<DeploymentStatus> {
    let schedExt = await this.#parts.schedExt.read();
    if (this.#phase.kind === "live" && !runs(schedExt, this.#phase.opsName)) {
      // Ejected a moment ago: the loader sees it too, and then the kernel's words are complete.
      await this.#leave(this.#phase, detachLimitMs);
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
      this.#phase.loader.endInput();
      await this.#leave(this.#phase, detachLimitMs);
    }
    const status = await this.status();
    if (status.opsName !== null && status.schedExt.ops === status.opsName) {
      throw new SchedcpError("internal", `the kernel does not let go of ${status.opsName}`, {
        hint: "Restart the node: a callback of the policy that never returns can cause this.",
      });
    }
    return status;
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
    await loader.ended();
    await this.#released(opsName);
    const exit = this.#parts.kernelLog.exitOf(opsName) ?? noWords;
    this.#phase = { kind: "ended", opsName, exit };
  }

  async #leave(phase: Phase & { kind: "live" }, limitMs: number): Promise<void> {
    const gone = phase.left.then(() => true);
    const late = this.#parts.clock.sleep(limitMs).then(() => false);
    if (await Promise.race([gone, late])) return;
    phase.loader.kill();
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
