// A test double of NodeSource: nodes that behave as a script says, on a clock of their own. For the
// logic around measuring (order, retries, faults, decisions) only: no figure of the product ever
// comes from here; the real thing is tested in the lab. Imported by tests alone.

import { SchedcpError } from "../../src/contract/errors.ts";
import type { Environment, TaskSample } from "../../src/contract/measurement.ts";
import type { NodeDeath, NodeLease, NodeSource } from "../../src/contract/node.ts";
import type {
  DeploymentStatus,
  NodeConnection,
  NodeMethod,
  NodeParams,
  NodeResult,
  RunReport,
  TaskFailure,
} from "../../src/contract/node-protocol.ts";
import { type Workload, workloadSchema } from "../../src/contract/workload.ts";

/** What one lease does from its measured run on. */
export type Behaviour =
  | { kind: "runs"; makespanMs: number; stealPercent?: number; output?: string }
  | { kind: "ejected" }
  | { kind: "dies"; death: NodeDeath | null }
  | { kind: "fails"; failure: TaskFailure }
  | { kind: "times-out" }
  | { kind: "refused"; error: SchedcpError };

export interface ScriptedArm {
  /** Null: no policy was loaded. */
  policy: string | null;
  /** How many leases there were before. */
  lease: number;
}

export interface ScriptedNodes extends NodeSource {
  /** The arms so far, in order. */
  readonly arms: ScriptedArm[];
  readonly calls: { method: NodeMethod; params: unknown }[];
  released: number;
  now(): number;
}

export const scriptedEnvironment: Environment = {
  node: "scripted",
  kernel: "0.0.0-scripted",
  cpus: 2,
  memoryMib: 1024,
  accelerator: "none",
  emulated: false,
  imageSha256: "0".repeat(64),
};

export const scriptedWorkload: Workload = workloadSchema.parse({
  name: "two-kinds-of-jobs",
  run: [
    { name: "short", count: 4, command: "true" },
    { name: "long", count: 1, command: "true" },
  ],
  objective: { metric: "makespan", direction: "minimise" },
});

export function scriptedNodes(
  behave: (arm: ScriptedArm) => Behaviour,
  options: { onMeasuredRun?: (arms: number) => void } = {},
): ScriptedNodes {
  let clockMs = Date.UTC(2026, 0, 1);
  const arms: ScriptedArm[] = [];
  const calls: ScriptedNodes["calls"] = [];

  function lease(): NodeLease {
    const arm: ScriptedArm = { policy: null, lease: arms.length };
    arms.push(arm);
    let death: NodeDeath | null = null;
    let stolenMs = 0;
    let behaviour: Behaviour | null = null;
    const behaviourOnce = (): Behaviour => {
      behaviour ??= behave(arm);
      return behaviour;
    };

    function run(params: NodeParams<"workload.run">): RunReport {
      const now = behaviourOnce();
      const warmUp = params.stopAfterMs !== null;
      clockMs += params.stopAfterMs ?? 0;
      if (!warmUp) options.onMeasuredRun?.(arms.length);
      if (now.kind === "dies" && !warmUp) {
        death = now.death;
        throw new SchedcpError("node-lost", "the channel broke", { hint: "Ask for another node." });
      }
      if (now.kind === "fails" && !warmUp) {
        return {
          ...report(workloadSchema.parse(params.workload), 10),
          outcome: "failed",
          failure: now.failure,
        };
      }
      if (now.kind === "times-out" && !warmUp) {
        clockMs += params.timeLimitMs;
        return {
          ...report(workloadSchema.parse(params.workload), params.timeLimitMs),
          outcome: "timed-out",
        };
      }
      const makespanMs = now.kind === "runs" ? now.makespanMs : 1000;
      if (!warmUp) {
        clockMs += makespanMs;
        const percent = now.kind === "runs" ? (now.stealPercent ?? 0) : 0;
        stolenMs += (percent / 100) * makespanMs * scriptedEnvironment.cpus;
      }
      const output = now.kind === "runs" ? now.output : undefined;
      return report(workloadSchema.parse(params.workload), makespanMs, params.outputOf, output);
    }

    function status(): DeploymentStatus {
      const ejected = behaviour?.kind === "ejected";
      const state = arm.policy === null ? "none" : ejected ? "ended" : "live";
      return {
        state,
        opsName: arm.policy,
        exit: ejected
          ? {
              kind: 1026,
              reason: "runnable task stall",
              message: "short[9] failed to run",
              log: [],
            }
          : null,
        schedExt: {
          state: state === "live" ? "enabled" : "disabled",
          ops: null,
          enableSeq: 1,
          events: {},
        },
      };
    }

    const answers: { [M in NodeMethod]?: (params: NodeParams<M>) => NodeResult<M> } = {
      "policy.load": (params) => {
        arm.policy = params.name;
        const now = behaviourOnce();
        if (now.kind === "refused") throw now.error;
        return { opsName: params.name, enableSeq: 1, durationMs: 1 };
      },
      "workload.run": run,
      "policy.status": status,
    };

    const connection: NodeConnection = {
      call: async (method, params, callOptions) => {
        calls.push({ method, params });
        if (callOptions?.signal?.aborted) {
          throw new SchedcpError("interrupted", `${method} was interrupted`, {
            hint: "Run again.",
          });
        }
        const answer = answers[method];
        if (answer === undefined) throw new Error(`the script has no ${method}`);
        clockMs += 100;
        return answer(params);
      },
      close: () => undefined,
    };

    return {
      connection,
      environment: scriptedEnvironment,
      stealMs: async () => stolenMs,
      causeOfDeath: async () => death,
      release: async () => {
        nodes.released++;
      },
    };
  }

  const nodes: ScriptedNodes = {
    name: "scripted",
    arms,
    calls,
    released: 0,
    now: () => clockMs,
    prepare: async () => scriptedEnvironment,
    lease: async (_request, options) => {
      if (options?.signal?.aborted) {
        throw new SchedcpError("interrupted", "interrupted", { hint: "Run again." });
      }
      return lease();
    },
  };
  return nodes;
}

/** The long task ends last; the short ones at half of the time. */
function report(
  workload: Workload,
  makespanMs: number,
  outputOf: readonly string[] = [],
  output = "",
): RunReport {
  const tasks = workload.run.flatMap((entry) =>
    Array.from({ length: entry.count }, (_, index): TaskSample => {
      const endMs = entry.count === 1 ? makespanMs : makespanMs / 2;
      return {
        entry: entry.name,
        index,
        startMs: 0,
        endMs,
        // Each entry keeps one of the two CPUs busy.
        userMs: (0.95 * makespanMs) / entry.count,
        systemMs: 0,
        waitMs: endMs / 2,
        runs: 10,
        voluntarySwitches: 2,
        involuntarySwitches: 8,
        maxRssKib: 1000,
      };
    }),
  );
  return {
    outcome: "done",
    failure: null,
    makespanMs,
    tasks,
    counters: { contextSwitches: 500, runDelayMs: makespanMs, timeslices: 400, idleMs: 10 },
    output: Object.fromEntries(outputOf.map((entry) => [entry, [output]])),
    trace: null,
  };
}
