// Has objects read, analysed and simulated in a confined process with limits on memory and time, so that
// none can hang, break or look into the control plane. The process stays for the next one, warm, and is
// ended with whatever ran in it where it takes too long, runs out of memory or is no longer wanted.
// Called by the control plane.

import type { ChildProcess } from "node:child_process";
import { SchedcpError } from "../../contract/errors.ts";
import type { Finding } from "../../contract/verdict.ts";
import type { SimulationOutcome, SimulationTask } from "../../simulator/simulation-task.ts";
import type { Examination, ExaminationTask, Judgement } from "../verifier/examination.ts";
import { JudgeProcess } from "./judge-process.ts";
import { heapMibMax, startJudge } from "./judge-sandbox.ts";
import { type JudgeReply, type JudgeRequest, judgeReplySchema } from "./judge-task.ts";
import { fromLine, toLine } from "./wire.ts";

/** Wall clock of one task, ms. */
const timeMsMax = 120_000;

export class ConfinedJudge {
  readonly #timeMsMax: number;
  readonly #start: () => Promise<ChildProcess>;
  #process: Promise<JudgeProcess> | null = null;
  /** What the process has; another array is sent again. */
  #kernelBtf: Uint8Array | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** `start`: another process in the judge's place, for tests of what happens when it fails. */
  constructor(options: { timeMsMax?: number; start?: () => Promise<ChildProcess> } = {}) {
    this.#timeMsMax = options.timeMsMax ?? timeMsMax;
    this.#start = options.start ?? startJudge;
  }

  /** Starts it, so that it is there when the object is. Nothing happens where it runs already. */
  warm(): void {
    // Thrown to whoever uses it.
    this.#running().catch(() => undefined);
  }

  /** Has it read the kernel's types while the caller still compiles; nothing where it has them already. */
  prepare(kernelBtf: Uint8Array): void {
    this.#running()
      .then((running) => this.#sendTypes(running, kernelBtf))
      .catch(() => undefined);
  }

  /**
   * One after the other, in the order of the calls. A process that hangs, dies or runs out of memory is an
   * inconclusive outcome; `interrupted` or whatever the signal says where it is aborted; wrong use
   * (`parameter-invalid`), a confinement that does not work (`not-supported`, `missing-program`) and
   * faults of the judge (`internal`) are thrown.
   */
  async simulate(
    task: SimulationTask,
    kernelBtf: Uint8Array,
    signal?: AbortSignal,
  ): Promise<SimulationOutcome> {
    const reply = await this.#ask({ kind: "simulate", task }, kernelBtf, signal);
    if (!("ok" in reply)) return inconclusive(reply);
    if (!reply.ok) throw thrownBy(reply);
    if ("outcome" in reply) return reply.outcome;
    return inconclusive(diedFinding("it answers what was not asked"));
  }

  /** Admission and static analysis; the same holds as for `simulate`. */
  async examine(
    task: ExaminationTask,
    kernelBtf: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Examination> {
    const reply = await this.#ask({ kind: "examine", task }, kernelBtf, signal);
    if (!("ok" in reply)) return undecided(reply);
    if (!reply.ok) throw thrownBy(reply);
    if ("examination" in reply) return reply.examination;
    return undecided(diedFinding("it answers what was not asked"));
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #ask(
    request: JudgeRequest,
    kernelBtf: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<JudgeReply | Finding> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      signal?.throwIfAborted();
      const running = await this.#running();
      this.#sendTypes(running, kernelBtf);
      return await this.#answer(running, request, signal);
    } finally {
      resolve();
    }
  }

  async #answer(
    running: JudgeProcess,
    request: JudgeRequest,
    signal: AbortSignal | undefined,
  ): Promise<JudgeReply | Finding> {
    let clean = false;
    try {
      const answer = await running.ask(toLine(request), this.#timeMsMax, signal);
      if (answer.kind !== "line") return findingOf(answer, this.#timeMsMax);
      const reply = readReply(answer.line);
      clean = !("rule" in reply);
      return reply;
    } finally {
      // What ended in any other way may be in any state: the next task gets a fresh one.
      if (!clean) await this.#end();
    }
  }

  #running(): Promise<JudgeProcess> {
    if (this.#process === null) {
      const started = this.#start().then((child) => {
        return new JudgeProcess(child, () => this.#forget(started));
      });
      started.catch(() => this.#forget(started));
      this.#process = started;
      this.#kernelBtf = null;
    }
    return this.#process;
  }

  #sendTypes(running: JudgeProcess, kernelBtf: Uint8Array): void {
    if (this.#kernelBtf === kernelBtf) return;
    this.#kernelBtf = kernelBtf;
    const request: JudgeRequest = { kind: "types", kernelBtf };
    running.tell(toLine(request));
  }

  #forget(started: Promise<JudgeProcess>): void {
    if (this.#process === started) this.#process = null;
  }

  async #end(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    await running?.then((judge) => judge.end()).catch(() => undefined);
  }
}

function readReply(line: string): JudgeReply | Finding {
  try {
    const parsed = judgeReplySchema.safeParse(fromLine(line));
    // The recorder's own form; what is followed in it was checked.
    if (parsed.success) return parsed.data as JudgeReply;
    return diedFinding(`its answer is of another form: ${parsed.error.message.slice(0, 200)}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return diedFinding("its answer is no message");
  }
}

function thrownBy(reply: Extract<JudgeReply, { ok: false }>): SchedcpError {
  const { code, message, hint, details } = reply.error;
  const cause = new Error(message);
  if (reply.stack !== undefined) cause.stack = reply.stack;
  return new SchedcpError(code, message, {
    ...{ hint, cause },
    ...(details === undefined ? {} : { details }),
  });
}

function inconclusive(finding: Finding): SimulationOutcome {
  const nothing = { unsupported: [], scenarios: [], recordings: [] };
  const unknown = { timesFrom: null, recorded: null };
  return { verdict: "inconclusive", findings: [finding], ...nothing, ...unknown };
}

function undecided(finding: Finding): Examination {
  const judgement: Judgement = { status: "inconclusive", findings: [finding], durationMs: 0 };
  return { admission: judgement, static: { ...judgement, findings: [] } };
}

function findingOf(
  failure: { kind: "late" } | { kind: "died"; words: string },
  limitMs: number,
): Finding {
  if (failure.kind === "late") {
    return {
      rule: "simulate/time-limit",
      severity: "warning",
      message: `the simulation took more than ${limitMs / 1000} s and was ended`,
      hint: "Simulate fewer tasks or CPUs, or a shorter scenario. Where the policy loops over many tasks in a callback, bound the loop.",
    };
  }
  if (!/heap out of memory|Cannot allocate memory|bad_alloc/.test(failure.words)) {
    return diedFinding(failure.words.trim().split("\n").at(-1) ?? "");
  }
  return {
    rule: "simulate/memory-limit",
    severity: "warning",
    message: `the simulation needed more than ${heapMibMax} MiB of memory and was ended`,
    hint: "Simulate fewer tasks or CPUs; a policy that keeps state for every task should free it in exit_task.",
  };
}

function diedFinding(words: string): Finding {
  return {
    rule: "simulate/worker-died",
    severity: "warning",
    message: `the simulation's process died: ${words.slice(0, 300)}`,
    hint: "Run it again; where it dies again, report the policy's object: this is a fault of schedcp.",
  };
}
