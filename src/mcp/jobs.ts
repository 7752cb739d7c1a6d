// Work that outlives one call: started by a key, waited for in several calls, ended when a call that
// waits for it is cancelled or the server closes. Outcomes are handed out once and then forgotten.

import { SchedcpError } from "../contract/errors.ts";
import type { ProgressEvent } from "../contract/node.ts";
import type { OperationOptions } from "../control/control-plane.ts";

/** Below the 60 s after which the SDKs' clients give a call up. */
export const callWaitMs = 45_000;
/** Running or not yet handed out. One is measured at a time; the others wait for their turn. */
const jobsMax = 8;

export interface Job<T> {
  key: string;
  outcome: Promise<T>;
  controller: AbortController;
  /** Called with the job's progress; whoever waits listens. */
  listeners: Set<(event: ProgressEvent) => void>;
}

/** Resolves after so many ms, or when the signal is aborted; the timer of the calls' waiting. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export class Jobs<T> {
  readonly #jobs = new Map<string, Job<T>>();
  readonly #wait: Wait;

  constructor(wait: Wait) {
    this.#wait = wait;
  }

  /** The job of this key, started where there is none. */
  start(key: string, work: (options: OperationOptions) => Promise<T>): Job<T> {
    const known = this.#jobs.get(key);
    if (known !== undefined) return known;
    if (this.#jobs.size >= jobsMax) {
      throw new SchedcpError("busy", `${jobsMax} experiments are running or not yet fetched`, {
        hint: "Call those again with their arguments to get their outcomes, then start this one.",
      });
    }
    const controller = new AbortController();
    const listeners: Job<T>["listeners"] = new Set();
    const progress = (event: ProgressEvent) => {
      for (const listener of listeners) listener(event);
    };
    // Begun after the caller's own progress listens.
    const outcome = Promise.resolve().then(() => work({ progress, signal: controller.signal }));
    // Whoever waits sees a failure; until somebody does, it is no unhandled one.
    outcome.catch(() => undefined);
    const job = { key, outcome, controller, listeners };
    this.#jobs.set(key, job);
    return job;
  }

  /** Null when it has not ended within callWaitMs. Cancelled, it ends the job. */
  async wait(job: Job<T>, options: OperationOptions & { signal: AbortSignal }): Promise<T | null> {
    const { signal, progress } = options;
    const abort = () => job.controller.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    if (progress !== undefined) job.listeners.add(progress);
    const waiting = new AbortController();
    try {
      const ended = await Promise.race([
        job.outcome.then((value) => ({ value })),
        this.#wait(callWaitMs, waiting.signal).then(() => null),
      ]);
      if (ended === null) return null;
      this.#jobs.delete(job.key);
      return ended.value;
    } catch (error) {
      this.#jobs.delete(job.key);
      throw error;
    } finally {
      waiting.abort();
      signal.removeEventListener("abort", abort);
      if (progress !== undefined) job.listeners.delete(progress);
    }
  }

  /** Ends all, and waits until they have. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) job.controller.abort();
    await Promise.allSettled(jobs.map((job) => job.outcome));
  }
}
