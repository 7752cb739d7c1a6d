// A task spec's steps as a flat list of instructions, so that a task is a program counter and a few loop
// counters. `repeat` becomes a counter that is set and a jump back.

import type { Duration, Step, TaskSpec } from "../scenario/scenario.ts";
import { type CpuSet, cpuSet } from "./cpu-set.ts";

export type Instruction =
  | { do: "run" | "sleep"; minNs: number; maxNs: number }
  | { do: "wait"; channel: number }
  | { do: "signal"; channel: number; count: number; sync: boolean }
  | { do: "fork"; spec: number }
  | { do: "join" | "yield" | "exit" }
  | { do: "affinity"; cpus: CpuSet }
  | { do: "nice"; nice: number }
  | { do: "cgroup"; cgroup: number }
  | { do: "exec"; comm: string }
  /** Sets loop counter `counter`; jumps past the loop where it is 0. */
  | { do: "loop"; counter: number; times: number; end: number }
  /** Counts down; jumps back to `start` while something is left. */
  | { do: "next"; counter: number; start: number };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Loop counters that a task of it needs. */
  readonly counters: number;
  /** Channels that it names, plus one. */
  readonly channels: number;
}

export function compileProgram(spec: TaskSpec, cpus: number): Program {
  const instructions: Instruction[] = [];
  let counters = 0;
  let channels = 0;
  const useChannel = (channel: number): number => {
    channels = Math.max(channels, channel + 1);
    return channel;
  };
  const emit = (steps: readonly Step[], depth: number): void => {
    for (const step of steps) {
      if (step.do === "repeat") {
        counters = Math.max(counters, depth + 1);
        const loop = { do: "loop" as const, counter: depth, times: step.times, end: 0 };
        instructions.push(loop);
        const start = instructions.length;
        emit(step.steps, depth + 1);
        instructions.push({ do: "next", counter: depth, start });
        loop.end = instructions.length;
      } else instructions.push(plain(step, cpus, useChannel));
    }
  };
  emit(spec.steps, 0);
  return { instructions, counters, channels };
}

function plain(
  step: Exclude<Step, { do: "repeat" }>,
  cpus: number,
  useChannel: (channel: number) => number,
): Instruction {
  switch (step.do) {
    case "run":
    case "sleep":
      return { do: step.do, ...range(step.ns) };
    case "wait":
      return { do: "wait", channel: useChannel(step.channel) };
    case "signal":
      return {
        do: "signal",
        channel: useChannel(step.channel),
        count: step.count ?? 1,
        sync: step.sync ?? false,
      };
    case "fork":
      return { do: "fork", spec: step.task };
    case "affinity":
      return { do: "affinity", cpus: cpuSet(step.cpus, cpus) };
    default:
      return step;
  }
}

function range(duration: Duration): { minNs: number; maxNs: number } {
  return typeof duration === "number" ? { minNs: duration, maxNs: duration } : duration;
}
