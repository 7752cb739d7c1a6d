// Runs a workload: cgroups, a private fresh directory, the set-up commands one by one, then all
// entries at once; leaves nothing of it behind. One at a time. The commands are the user's: they run
// as the workload's user, and what they say is data.

import { chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type {
  Disturbance,
  RunObservation,
  RunReport,
  TaskFailure,
} from "../contract/node-protocol.ts";
import type { Workload } from "../contract/workload.ts";
import type { Clock } from "./clock.ts";
import { DisturbedRun, type Disturber } from "./disturbances.ts";
import type { StartChild } from "./native-process.ts";
import { attachProbe, type ProbedEntry, traceOfRun } from "./probe.ts";
import { type RunnerResult, type RunnerTask, runTasks } from "./runner.ts";
import { setupEntry, type WorkloadCgroups } from "./workload-cgroups.ts";

/**
 * All captured output of a run together, bytes: escaped as JSON, six times as much at worst, it
 * must fit one message.
 */
const outputBytesMax = 1536 * 1024;

export interface WorkloadRequest {
  workload: Workload;
  timeLimitMs: number;
  stopAfterMs: number | null;
  outputOf: readonly string[];
  trace: boolean;
  /** Permitted already. */
  disturbances: readonly Disturbance[];
}

export interface WorkloadParts {
  start: StartChild;
  cgroups: WorkloadCgroups;
  clock: Clock;
  user: { uid: number; gid: number };
  /** A tmpfs that holds nothing but the private directories of runs. */
  workRoot: string;
  /** Where else a task can leave files, such as /tmp; emptied too, so that no run meets another's. */
  sharedDirectories: readonly string[];
  /** Removes a path with all that is in it, however deep; a no-op where there is nothing. */
  removeTree: (path: string) => Promise<void>;
  probeObject: string;
  disturber: Disturber;
}

/** A run whose processes run. */
interface ReleasedRun {
  entries: readonly string[];
  /** The node's clock at the release. */
  atMs: number;
  disturbed: DisturbedRun;
}

export class WorkloadRuns {
  readonly #parts: WorkloadParts;
  #runs = 0;
  #current: AbortController | null = null;
  #released: ReleasedRun | null = null;

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
  }

  /** `signal`: whoever wanted the run is gone. */
  async run(request: WorkloadRequest, signal: AbortSignal): Promise<RunReport> {
    refuseInconsistent(request);
    if (this.#current !== null) {
      throw new SchedcpError("busy", "a workload runs on this node", {
        hint: "Wait for its end or stop it.",
      });
    }
    const current = new AbortController();
    this.#current = current;
    try {
      const directory = await this.#freshDirectory();
      return await this.#runIn(directory, request, AbortSignal.any([signal, current.signal]));
    } finally {
      await this.#clear().finally(() => {
        this.#current = null;
      });
    }
  }

  /** Ends the run in progress, which then fails as `interrupted`. A no-op where there is none. */
  stop(): void {
    this.#current?.abort();
  }

  async observe(): Promise<RunObservation> {
    const { cgroups, clock } = this.#parts;
    const run = this.#released;
    if (run === null) return { atMs: null, entries: [], disturbances: [] };
    const entries = [];
    try {
      for (const entry of run.entries) entries.push({ entry, cpuMs: await cgroups.cpuMsOf(entry) });
    } catch (thrown) {
      // It ended meanwhile, and its cgroups went.
      if (this.#released !== run) return { atMs: null, entries: [], disturbances: [] };
      throw thrown;
    }
    const atMs = clock.nowMs() - run.atMs;
    return { atMs, entries, disturbances: [...run.disturbed.reports] };
  }

  async #runIn(
    directory: string,
    request: WorkloadRequest,
    signal: AbortSignal,
  ): Promise<RunReport> {
    const failed = await this.#setUp(directory, request, signal);
    if (failed !== null) return failed;
    const entries: ProbedEntry[] = [];
    for (const { name } of request.workload.run) {
      entries.push({ name, cgroupId: await this.#parts.cgroups.idOf(name) });
    }
    const tasks = tasksOf(request, this.#parts.cgroups.directory);
    const probe = request.trace
      ? await attachProbe(this.#parts.start, this.#parts.probeObject, entries)
      : null;
    const captured = tasks.filter((task) => task.capture).length;
    const { clock, disturber } = this.#parts;
    const disturbed = new DisturbedRun(request.disturbances, disturber, clock);
    try {
      const bounds = {
        timeLimitMs: request.timeLimitMs,
        stopAfterMs: request.stopAfterMs,
        outputTailBytes: Math.min(
          limits.outputTailBytesMax,
          Math.floor(outputBytesMax / Math.max(1, captured)),
        ),
      };
      const released = () => {
        const names = request.workload.run.map(({ name }) => name);
        this.#released = { entries: names, atMs: clock.nowMs(), disturbed };
        disturbed.begin();
      };
      const result = await this.#runner(directory, tasks, signal, bounds, released);
      const raw = probe === null ? null : await probe.finish();
      const trace =
        raw === null ? null : traceOfRun(raw, entries, result.releasedAtUs, result.makespanMs);
      const report = { ...(await this.#report(request, result)), trace };
      const disturbances = await disturbed.end();
      return request.disturbances.length === 0
        ? report
        : { ...report, disturbances: [...disturbances] };
    } finally {
      this.#released = null;
      await disturbed.end();
      await probe?.discard();
    }
  }

  /** Null when all went well; the report of the command that did not, otherwise. */
  async #setUp(
    directory: string,
    request: WorkloadRequest,
    signal: AbortSignal,
  ): Promise<RunReport | null> {
    const end = this.#parts.clock.nowMs() + request.timeLimitMs;
    for (const [index, { command }] of request.workload.setup.entries()) {
      const cgroup = await this.#parts.cgroups.ensure(setupEntry);
      const task = { entry: 0, index, background: false, capture: false, cgroup, command };
      const result = await this.#runner(directory, [task], signal, {
        timeLimitMs: Math.max(1, Math.ceil(end - this.#parts.clock.nowMs())),
        stopAfterMs: null,
        outputTailBytes: 0,
      });
      if (result.outcome === "done") continue;
      const killed = { exitCode: null, signal: "SIGKILL", stderrTail: "" };
      const failure = { ...(result.failure ?? killed), entry: "setup", index, command };
      return {
        outcome: result.outcome,
        failure: await this.#explained(failure),
        makespanMs: result.makespanMs,
        tasks: [],
        counters: result.counters,
        output: {},
        trace: null,
      };
    }
    return null;
  }

  async #runner(
    directory: string,
    tasks: readonly RunnerTask[],
    signal: AbortSignal,
    bounds: { timeLimitMs: number; stopAfterMs: number | null; outputTailBytes: number },
    onRelease?: () => void,
  ): Promise<RunnerResult> {
    const { start, user, cgroups } = this.#parts;
    const request = { directory, ...user, killCgroup: cgroups.directory, tasks, ...bounds };
    return runTasks(start, request, signal, onRelease);
  }

  async #report(request: WorkloadRequest, result: RunnerResult): Promise<RunReport> {
    const { run } = request.workload;
    const nameOf = (entry: number) => run[entry]?.name ?? `entry ${entry}`;
    const output: Record<string, string[]> = Object.fromEntries(
      request.outputOf.map((name) => [name, []]),
    );
    const tasks = result.tasks.map(({ event: _, entry, output: text, ...sample }) => {
      if (text !== undefined) output[nameOf(entry)]?.push(text);
      return { entry: nameOf(entry), ...sample };
    });
    const { failure } = result;
    const named =
      failure === null
        ? null
        : { ...failure, entry: nameOf(failure.entry), command: run[failure.entry]?.command ?? "" };
    return {
      outcome: result.outcome,
      failure: named === null ? null : await this.#explained(named),
      makespanMs: result.makespanMs,
      tasks,
      counters: result.counters,
      output,
      trace: null,
    };
  }

  /** A process that the kernel killed for want of memory can't say so itself. */
  async #explained(failure: TaskFailure): Promise<TaskFailure> {
    // 137: what a shell makes of its command's SIGKILL.
    const killed = failure.signal === "SIGKILL" || failure.exitCode === 137;
    if (!killed || (await this.#parts.cgroups.outOfMemoryKills()) === 0) return failure;
    const note = "(schedcp: the kernel killed processes of the workload because memory ran out)";
    return { ...failure, stderrTail: `${failure.stderrTail}\n${note}`.trimStart() };
  }

  async #freshDirectory(): Promise<string> {
    const { workRoot, user } = this.#parts;
    await mkdir(workRoot, { recursive: true });
    await this.#empty();
    this.#runs += 1;
    const directory = join(workRoot, String(this.#runs));
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, user.uid, user.gid);
    return directory;
  }

  async #clear(): Promise<void> {
    await this.#parts.cgroups.clear();
    await this.#empty();
  }

  async #empty(): Promise<void> {
    const { workRoot, sharedDirectories, removeTree } = this.#parts;
    for (const directory of [workRoot, ...sharedDirectories]) {
      for (const name of await readdir(directory)) await removeTree(join(directory, name));
    }
  }
}

/** Every process that the workload starts itself, in order. */
export function tasksOf(request: WorkloadRequest, cgroupRoot: string): RunnerTask[] {
  return request.workload.run.flatMap((entry, number) =>
    Array.from({ length: entry.count }, (_, index) => ({
      entry: number,
      index,
      background: entry.background,
      capture: request.outputOf.includes(entry.name),
      cgroup: join(cgroupRoot, entry.name),
      command: entry.command,
    })),
  );
}

/** What the schema can't say: names are one of a kind, counts add up, what is asked for exists. */
function refuseInconsistent(request: WorkloadRequest): void {
  const { run } = request.workload;
  const names = new Set(run.map(({ name }) => name));
  const processes = run.reduce((sum, { count }) => sum + count, 0);
  const fault =
    names.size !== run.length
      ? "two entries of `run` have the same name"
      : processes > limits.workloadProcessesMax
        ? `\`run\` starts ${processes} processes, at most ${limits.workloadProcessesMax} are allowed`
        : run.every(({ background }) => background)
          ? "all entries of `run` are in the background, so the run would never end"
          : null;
  if (fault !== null) {
    throw new SchedcpError("workload-invalid", fault, { hint: "Correct the workload's `run`." });
  }
  if (request.timeLimitMs > limits.workloadTimeLimitSecondsMax * 1000) {
    throw new SchedcpError("limit-exceeded", `timeLimitMs is ${request.timeLimitMs}`, {
      hint: `A run may take ${limits.workloadTimeLimitSecondsMax} s at most.`,
    });
  }
  const unknown = request.outputOf.find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new SchedcpError("parameter-invalid", `outputOf: there is no entry ${unknown}`, {
      hint: "Name entries of `run`.",
    });
  }
}
