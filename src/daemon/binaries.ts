// Starts a production scheduler's own program, which was put on this node as it is, and waits until it
// has enabled its scheduler. Whatever else it does instead is an error that says so, and nothing of it
// is left. In lab guests only (permission.ts). Called by handlers.ts.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import type { NodeResult, SchedExtStatus } from "../contract/node-protocol.ts";
import { BinaryProcess, type StartBinary } from "./binary-process.ts";
import { waitUntil } from "./clock.ts";
import { LiveBinary, type LiveBinaryParts } from "./live-binary.ts";

/** The daemon outranks the program, which needs the time. */
const pollMs = 200;
const releaseLimitMs = 5_000;

export interface BinaryRequest {
  name: string;
  /** Of the program's file: what was enrolled is what is started. */
  sha256: string;
  /** The watchdog's time-out, asked of it. */
  timeoutMs: number;
  limitMs: number;
}

export interface BinariesParts extends LiveBinaryParts {
  start: StartBinary;
  /** Holds the file of program NAME as NAME/NAME. */
  programDirectory: string;
  cgroupRoot: string;
}

/** A scheduler that its program enabled. */
export class StartedBinary extends LiveBinary {
  readonly started: NodeResult<"policy.start-binary">;

  constructor(
    parts: LiveBinaryParts,
    process: BinaryProcess,
    started: NodeResult<"policy.start-binary">,
  ) {
    super(parts, process, started.opsName, started.enableSeq);
    this.started = started;
  }
}

export class Binaries {
  readonly #parts: BinariesParts;

  constructor(parts: BinariesParts) {
    this.#parts = parts;
  }

  /** Where no scheduler runs. `signal`: whoever wanted it is gone. */
  async start(request: BinaryRequest, signal: AbortSignal): Promise<StartedBinary> {
    const { clock, schedExt, start, cgroupRoot, programDirectory } = this.#parts;
    const { name, sha256, limitMs } = request;
    await refuseOther(join(programDirectory, name, name), name, sha256);
    const before = (await schedExt.read()).enableSeq;
    const begunMs = clock.nowMs();
    const cgroup = join(cgroupRoot, "schedcp-binary");
    // The scx project's schedulers take the watchdog's time-out from there; nobody else looks.
    const environment = { SCX_TIMEOUT_MS: String(request.timeoutMs) };
    const process = await BinaryProcess.start(start, clock, { name, cgroup, environment });
    let seen: SchedExtStatus | null = null;
    await waitUntil(clock, limitMs, pollMs, async () => {
      const status = await schedExt.read();
      const { state, ops, enableSeq } = status;
      if (state === "enabled" && ops !== null && enableSeq > before) seen = status;
      return seen !== null || process.exit !== null || signal.aborted;
    });
    const live = seen as SchedExtStatus | null;
    if (live?.ops == null || process.exit !== null || signal.aborted) {
      throw await this.#failure(process, request, signal);
    }
    return new StartedBinary(this.#parts, process, {
      opsName: live.ops,
      enableSeq: live.enableSeq,
      durationMs: clock.nowMs() - begunMs,
      switchedAll: await schedExt.hasSwitchedAll(),
    });
  }

  /** What it did in place of enabling a scheduler and staying; nothing of it runs any more. */
  async #failure(
    process: BinaryProcess,
    { name, limitMs }: BinaryRequest,
    signal: AbortSignal,
  ): Promise<SchedcpError> {
    const { clock, schedExt } = this.#parts;
    const { exit } = process;
    const isInBackground = exit !== null && (await process.isPopulated());
    const isDead = await process.clear();
    const isReleased = await waitUntil(clock, releaseLimitMs, pollMs, async () => {
      return (await schedExt.read()).state === "disabled";
    });
    const { said } = process;
    if (!isDead || !isReleased) {
      return new SchedcpError("internal", `${name} can't be ended`, {
        hint: "Restart the node: a process hangs in the kernel, or something pinned holds its scheduler.",
        details: { stage: "kill", said },
      });
    }
    if (signal.aborted) {
      return new SchedcpError("interrupted", "starting was interrupted", {
        hint: "Run it again to get its result.",
      });
    }
    if (exit === null) {
      return startError("silent", `it enabled no scheduler within ${limitMs / 1000} s`, { said });
    }
    const how = exit.signal === null ? `with ${exit.code}` : `by ${exit.signal}`;
    const [stage, message] = isInBackground
      ? (["background", `its first process ended (${how}) and left others behind`] as const)
      : (["exited", `it ended (${how}) without a scheduler that stays`] as const);
    return startError(stage, message, { said });
  }
}

function startError(stage: string, message: string, details: { said: string }): SchedcpError {
  return new SchedcpError("load-failed", message, {
    hint: "The program's own last words say more.",
    details: { stage, ...details },
  });
}

async function refuseOther(file: string, name: string, sha256: string): Promise<void> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk);
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw thrown;
    throw new SchedcpError("not-found", `no program ${name} was put on this node`, {
      hint: "Lease the node with this program among its `hostPrograms`.",
    });
  }
  const actual = hash.digest("hex");
  if (actual === sha256) return;
  throw new SchedcpError("policy-invalid", `${name} has another digest than named`, {
    hint: "Enrol the program anew: its file has changed.",
    details: { expected: sha256, actual },
  });
}
