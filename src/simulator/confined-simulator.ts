// Runs simulations in a worker thread with limits on memory and time, so that no object can hang or
// break the control plane. The worker stays for the next one, warm, and is ended with whatever ran in
// it where it takes too long, runs out of memory or is no longer wanted. Called by the control plane.

import { Worker } from "node:worker_threads";
import { SchedcpError } from "../contract/errors.ts";
import type { Finding } from "../contract/verdict.ts";
import type {
  SimulationOutcome,
  SimulationTask,
  WorkerReply,
  WorkerRequest,
} from "./simulation-task.ts";

export interface ConfinedSimulatorLimits {
  /** Wall clock of one simulation, ms. */
  timeMsMax: number;
  /** JavaScript heap, MiB; the policy's own memory has a limit of its own (runtime/). */
  heapMibMax: number;
}

export const confinedSimulatorLimits: ConfinedSimulatorLimits = {
  timeMsMax: 120_000,
  heapMibMax: 1024,
};

export class ConfinedSimulator {
  readonly #limits: ConfinedSimulatorLimits;
  readonly #start: () => Worker;
  #worker: Worker | null = null;
  /** What the worker has; another array is sent again. */
  #kernelBtf: Uint8Array | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** `entry`: another file in place of the worker's, for tests of what happens when it fails. */
  constructor(limits: Partial<ConfinedSimulatorLimits> = {}, entry: URL = workerEntry) {
    this.#limits = { ...confinedSimulatorLimits, ...limits };
    this.#start = () =>
      new Worker(entry, {
        resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMibMax },
        env: compileCacheOnly(),
        stdin: false,
        argv: [],
      });
  }

  /** Starts the worker, so that it is there when the object is. Nothing happens where it runs already. */
  warm(): void {
    this.#worker ??= this.#started();
  }

  /** Has it read the kernel's types while the caller still compiles; nothing where it has them already. */
  prepare(kernelBtf: Uint8Array): void {
    this.warm();
    if (this.#kernelBtf === kernelBtf) return;
    this.#kernelBtf = kernelBtf;
    const request: WorkerRequest = { task: null, kernelBtf };
    this.#worker?.postMessage(request);
  }

  /**
   * One after the other, in the order of the calls. A worker that hangs, dies or runs out of memory is an
   * inconclusive outcome; `interrupted` or whatever the signal says where it is aborted; wrong use
   * (`parameter-invalid`) and faults of the simulator (`internal`) are thrown as they are.
   */
  async run(
    task: SimulationTask,
    kernelBtf: Uint8Array,
    signal?: AbortSignal,
  ): Promise<SimulationOutcome> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      signal?.throwIfAborted();
      return await this.#run(task, kernelBtf, signal);
    } finally {
      resolve();
    }
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #run(
    task: SimulationTask,
    kernelBtf: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<SimulationOutcome> {
    this.warm();
    const worker = this.#worker;
    if (worker === null) throw new TypeError("the worker is not there though it was started");
    const request: WorkerRequest = {
      task,
      kernelBtf: this.#kernelBtf === kernelBtf ? null : kernelBtf,
    };
    this.#kernelBtf = kernelBtf;
    const { promise, resolve, reject } = Promise.withResolvers<WorkerReply | Finding>();
    const onError = (error: Error) => resolve(deathFinding(error, this.#limits));
    const onExit = (code: number) =>
      resolve(deathFinding(new Error(`the worker ended with ${code}`), this.#limits));
    const onAbort = () => reject(signal?.reason);
    const timer = setTimeout(() => resolve(timeFinding(this.#limits)), this.#limits.timeMsMax);
    worker.once("message", resolve).once("error", onError).once("exit", onExit);
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.ref();
    worker.postMessage(request);
    let clean = false;
    try {
      const reply = await promise;
      if (!("ok" in reply)) return inconclusive(reply);
      clean = true;
      if (reply.ok) return reply.outcome;
      throw thrownBy(reply);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      worker.off("message", resolve).off("error", onError).off("exit", onExit);
      // What ended in any other way may be in any state: the next simulation gets a fresh one.
      if (clean) worker.unref();
      else await this.#end();
    }
  }

  #started(): Worker {
    const worker = this.#start();
    this.#kernelBtf = null;
    // An idle worker keeps nobody from ending; its late errors are of no one's concern.
    worker.on("error", () => this.#forget(worker)).on("exit", () => this.#forget(worker));
    worker.unref();
    return worker;
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

/** The same file as this one is: TypeScript in a checkout, JavaScript in the package. */
const workerEntry = new URL(
  import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js",
  import.meta.url,
);

/** The worker needs nothing of the environment but where compiled code is kept: it starts faster. */
function compileCacheOnly(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}

function thrownBy(reply: Extract<WorkerReply, { ok: false }>): SchedcpError {
  const { code, message, hint, details } = reply.error;
  const cause = new Error(message);
  if (reply.stack !== undefined) cause.stack = reply.stack;
  return new SchedcpError(code, message, {
    hint,
    cause,
    ...(details === undefined ? {} : { details }),
  });
}

function inconclusive(finding: Finding): SimulationOutcome {
  const nothing = { unsupported: [], scenarios: [], recordings: [] };
  const unknown = { timesFrom: null, recorded: null };
  return { verdict: "inconclusive", findings: [finding], ...nothing, ...unknown };
}

function timeFinding(limits: ConfinedSimulatorLimits): Finding {
  return {
    rule: "simulate/time-limit",
    severity: "warning",
    message: `the simulation took more than ${limits.timeMsMax / 1000} s and was ended`,
    hint: "Simulate fewer tasks or CPUs, or a shorter scenario. Where the policy loops over many tasks in a callback, bound the loop.",
  };
}

function deathFinding(error: Error, limits: ConfinedSimulatorLimits): Finding {
  const memory = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  return {
    rule: memory ? "simulate/memory-limit" : "simulate/worker-died",
    severity: "warning",
    message: memory
      ? `the simulation needed more than ${limits.heapMibMax} MiB of memory and was ended`
      : `the simulation's process died: ${error.message.slice(0, 300)}`,
    hint: memory
      ? "Simulate fewer tasks or CPUs; a policy that keeps state for every task should free it in exit_task."
      : "Run it again; where it dies again, report the policy's object: this is a fault of schedcp.",
  };
}
