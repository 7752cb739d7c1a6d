// Drives schedcp-runner through one run: tasks in, what became of each out. Knows tasks by numbers;
// workload.ts knows what they mean.

import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { runCountersSchema } from "../contract/node-protocol.ts";
import { NativeProcess, nativeErrorSchema, type StartChild } from "./native-process.ts";

export interface RunnerTask {
  /** Number of the entry. */
  entry: number;
  index: number;
  background: boolean;
  capture: boolean;
  cgroup: string;
  command: string;
}

export interface RunnerRequest {
  directory: string;
  uid: number;
  gid: number;
  timeLimitMs: number;
  stopAfterMs: number | null;
  killCgroup: string;
  /** Kept of each captured output, bytes. */
  outputTailBytes: number;
  tasks: readonly RunnerTask[];
}

const taskEventSchema = z.object({
  event: z.literal("task"),
  entry: z.number().int(),
  index: z.number().int(),
  startMs: z.number(),
  endMs: z.number(),
  userMs: z.number(),
  systemMs: z.number(),
  waitMs: z.number(),
  runs: z.number().int(),
  voluntarySwitches: z.number().int(),
  involuntarySwitches: z.number().int(),
  maxRssKib: z.number().int(),
  output: z.string().max(limits.outputTailBytesMax).optional(),
});
export type RunnerTaskEnd = z.infer<typeof taskEventSchema>;

const doneEventSchema = z.object({
  event: z.literal("done"),
  outcome: z.enum(["done", "failed", "timed-out"]),
  makespanMs: z.number(),
  counters: runCountersSchema,
  failure: z
    .object({
      entry: z.number().int(),
      index: z.number().int(),
      exitCode: z.number().int().nullable(),
      signal: z.string().max(32).nullable(),
      stderrTail: z.string().max(limits.errorTailBytesMax),
    })
    .nullable(),
});

const runnerEventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("released"), atUs: z.number() }),
  taskEventSchema,
  doneEventSchema,
  z.object({ event: z.literal("stopped") }),
  nativeErrorSchema,
]);

export interface RunnerResult extends Omit<z.infer<typeof doneEventSchema>, "event"> {
  /** CLOCK_MONOTONIC, µs. */
  releasedAtUs: number;
  tasks: RunnerTaskEnd[];
}

/** Runs to the end; throws `interrupted` when the signal ends it. */
export async function runTasks(
  start: StartChild,
  request: RunnerRequest,
  signal: AbortSignal,
  onRelease: () => void = () => undefined,
): Promise<RunnerResult> {
  if (signal.aborted) throw interrupted();
  const header = runnerHeader(request);
  const runner = new NativeProcess(start, "schedcp-runner", runnerEventSchema, header);
  const stop = () => runner.endInput();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await collect(runner, onRelease);
  } finally {
    signal.removeEventListener("abort", stop);
    runner.endInput();
    await runner.ended();
  }
}

async function collect(
  runner: NativeProcess<z.infer<typeof runnerEventSchema>>,
  onRelease: () => void,
): Promise<RunnerResult> {
  const tasks: RunnerTaskEnd[] = [];
  let releasedAtUs = 0;
  for (;;) {
    const event = await runner.next();
    if (event === null) throw fault("it ended without a result");
    if (event.event === "stopped") throw interrupted();
    if (event.event === "error")
      throw fault(`${event.stage}: ${event.message} (${event.code})`, event.stage);
    if (event.event === "released") {
      releasedAtUs = event.atUs;
      onRelease();
    }
    if (event.event === "task") tasks.push(event);
    if (event.event === "done") {
      const { outcome, makespanMs, counters, failure } = event;
      return { outcome, makespanMs, counters, failure, releasedAtUs, tasks };
    }
  }
}

export function runnerHeader(request: RunnerRequest): string[] {
  return [
    `dir ${request.directory}`,
    `uid ${request.uid}`,
    `gid ${request.gid}`,
    `time-limit-ms ${request.timeLimitMs}`,
    ...(request.stopAfterMs === null ? [] : [`stop-after-ms ${request.stopAfterMs}`]),
    `kill-cgroup ${request.killCgroup}`,
    `output-tail-bytes ${request.outputTailBytes}`,
    `error-tail-bytes ${limits.errorTailBytesMax}`,
    ...request.tasks.map(taskLine),
  ];
}

function taskLine(task: RunnerTask): string {
  const command = Buffer.from(task.command, "utf8").toString("hex");
  const [background, capture] = [task.background ? 1 : 0, task.capture ? 1 : 0];
  return `task ${task.entry} ${task.index} ${background} ${capture} ${task.cgroup} ${command}`;
}

function interrupted(): SchedcpError {
  return new SchedcpError("interrupted", "the run was stopped", {
    hint: "Run it again to get its result.",
  });
}

/** `stage`: where it stood still; `kill` means processes that don't die, for want of a CPU mostly. */
function fault(message: string, stage = "run"): SchedcpError {
  return new SchedcpError("internal", `schedcp-runner: ${message}`, {
    hint: "Look whether the node is out of memory or processes; else report this.",
    details: { stage },
  });
}
