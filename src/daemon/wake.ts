// After a restore a guest has the clock, the random pool and the name of its snapshot: gives it new
// ones. First thing that is asked of a restored guest. The program that does it was started before the
// snapshot was taken and has waited since: under emulation, starting one costs a second then.

import { createHash } from "node:crypto";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { NativeProcess, nativeErrorSchema, type StartChild } from "./native-process.ts";

export interface WakeRequest {
  clockMs: number;
  /** Base64. */
  entropy: string;
  nonce: string;
}

const wakerEventSchema = z.union([
  z.object({ event: z.literal("waiting") }),
  z.object({ event: z.literal("awake") }),
  nativeErrorSchema,
]);
type WakerProcess = NativeProcess<z.infer<typeof wakerEventSchema>>;

export class Waker {
  readonly #start: StartChild;
  #waiting: WakerProcess | null = null;

  constructor(start: StartChild) {
    this.#start = start;
  }

  /** Has a waker waiting; to be called before the snapshot. */
  async prepare(): Promise<void> {
    this.#waiting = new NativeProcess(this.#start, "schedcp-waker", wakerEventSchema);
    await this.#expect(this.#waiting, "waiting");
  }

  /** Answers with the new id of this node's life, in place of the kernel's boot id, which is fixed. */
  async wake(request: WakeRequest): Promise<string> {
    if (this.#waiting === null) await this.prepare();
    const waker = this.#waiting as WakerProcess;
    this.#waiting = null;
    const entropy = Buffer.from(request.entropy, "base64");
    const id = createHash("sha256")
      .update(entropy)
      .update(request.nonce)
      .digest("hex")
      .slice(0, 32);
    waker.feed([
      `clock-ms ${request.clockMs}`,
      `entropy ${entropy.toString("hex")}`,
      `host-name node-${id.slice(0, 8)}`,
    ]);
    await this.#expect(waker, "awake");
    return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  async #expect(waker: WakerProcess, wanted: "waiting" | "awake"): Promise<void> {
    const event = await waker.next();
    if (event?.event === wanted) return;
    const words = event?.event === "error" ? `${event.stage}: ${event.message}` : "it ended";
    throw new SchedcpError("internal", `schedcp-waker: ${words}`, {
      hint: "The node daemon and its native programs are of different versions; run `schedcp setup`.",
    });
  }
}
