// Work that outlives one call: started by a key, waited for in several calls, ended when the last call
// that waits for it is cancelled or the server closes. An outcome is handed out once and then forgotten;
// one that nobody fetches makes room for new work (what was measured is in the store anyway).

import { SchedcpError } from "../contract/errors.ts";
import type { ProgressEvent } from "../contract/node.ts";
import type { OperationOptions } from "../control/control-plane.ts";

/** Below the 60 s after which the SDKs' clients give a call up. */
export const callWaitMs = 45_000;
/** Running at once. One is measured at a time; the others wait for their turn. */
const jobsMax = 8;

export interface Job<T> {
  key: string;
  outcome: Promise<T>;
  controller: AbortController;
  /** Called with the job's progress; whoever waits listens. */
  listeners: Set<(event: ProgressEvent) => void>;
  /** Calls that wait for it. */
  waiting: number;
  ended: boolean;
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
    this.#forgetUnfetched();
    if (this.#jobs.size >= jobsMax) {
      throw new SchedcpError(
        "busy",
        `${jobsMax} experiments are running or waiting for their turn`,
        {
          hint: "Wait for one (the same call again goes on waiting), or cancel one, then start this.",
        },
      );
    }
    const controller = new AbortController();
    const listeners: Job<T>["listeners"] = new Set();
    const progress = (event: ProgressEvent) => {
      for (const listener of listeners) listener(event);
    };
    // Begun after the caller's own progress listens.
    const outcome = Promise.resolve().then(() => work({ progress, signal: controller.signal }));
    const job: Job<T> = { key, outcome, controller, listeners, waiting: 0, ended: false };
    const end = () => {
      job.ended = true;
    };
    // Whoever waits sees a failure; until somebody does, it is no unhandled one.
    outcome.then(end, end);
    this.#jobs.set(key, job);
    return job;
  }

  /** Room for one more, where the only thing in the way is outcomes that nobody came back for. */
  #forgetUnfetched(): void {
    for (const job of this.#jobs.values()) {
      if (this.#jobs.size < jobsMax) return;
      if (job.ended && job.waiting === 0) this.#jobs.delete(job.key);
    }
  }

  /** Null when it has not ended within callWaitMs. Cancelled, it ends the job if nobody else waits. */
  async wait(job: Job<T>, options: OperationOptions & { signal: AbortSignal }): Promise<T | null> {
    const { signal, progress } = options;
    const cancelled = Promise.withResolvers<never>();
    const abort = () => {
      if (job.waiting === 1) job.controller.abort(signal.reason);
      else cancelled.reject(signal.reason);
    };
    job.waiting += 1;
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    if (progress !== undefined) job.listeners.add(progress);
    const waiting = new AbortController();
    try {
      const ended = await Promise.race([
        job.outcome.then((value) => ({ value })),
        this.#wait(callWaitMs, waiting.signal).then(() => null),
        cancelled.promise,
      ]);
      if (ended === null) return null;
      this.#forget(job);
      return ended.value;
    } catch (error) {
      if (job.waiting === 1) this.#forget(job);
      throw error;
    } finally {
      job.waiting -= 1;
      waiting.abort();
      signal.removeEventListener("abort", abort);
      if (progress !== undefined) job.listeners.delete(progress);
    }
  }

  #forget(job: Job<T>): void {
    if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
  }

  /** Ends all, and waits until they have. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) job.controller.abort();
    await Promise.allSettled(jobs.map((job) => job.outcome));
  }
}
