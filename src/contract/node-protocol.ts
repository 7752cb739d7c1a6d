// The protocol between the control plane and a node daemon: JSON-RPC 2.0, one message a line
// (UTF-8, at most limits.messageBytesMax), over a virtio-serial port in the lab and a Unix socket
// on a host. One table of methods: params and result of each. Both ends check with these schemas.

import { z } from "zod";
import { limits } from "./limits.ts";
import { taskSampleSchema, traceSchema } from "./measurement.ts";
import { parameterValueSchema } from "./policy.ts";
import { nameSchema, workloadSchema } from "./workload.ts";

export const protocolVersion = 1;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const base64Schema = (bytesMax: number) => z.base64().max(Math.ceil(bytesMax / 3) * 4);

/** What /sys/kernel/sched_ext says, read afresh: the one source of truth on what is deployed. */
export const schedExtStatusSchema = z.strictObject({
  /** `disabled`, `enabling`, `enabled`, `disabling`, or `unsupported` where the directory is missing. */
  state: z.string().max(32),
  /** Name of the running ops, null when none. */
  ops: z.string().max(128).nullable(),
  enableSeq: z.number().int(),
  /** `root/events`: the kernel's counters, an open list. */
  events: z.record(z.string().max(64), z.number()),
});
export type SchedExtStatus = z.infer<typeof schedExtStatusSchema>;

/** Why a scheduler left, in the kernel's own words (from the kernel's log, not the candidate's memory). */
export const exitRecordSchema = z.strictObject({
  /** Kernel exit kind: 64 unreg, 65 by BPF, 66 by kernel, 67 SysRq-S, 1024 error, 1025 BPF error, 1026 stall. */
  kind: z.number().int().nullable(),
  reason: z.string().max(256),
  message: z.string().max(1024),
  /** Lines of the kernel's log that belong to it, bounded. */
  log: z.array(z.string().max(512)).max(200),
});
export type ExitRecord = z.infer<typeof exitRecordSchema>;

export const nodeDescriptionSchema = z.strictObject({
  protocol: z.number().int(),
  daemonVersion: z.string().max(64),
  kernel: z.string().max(128),
  cpus: z.number().int(),
  memoryMib: z.number().int(),
  btfSha256: sha256Schema.nullable(),
  loaderSha256: sha256Schema.nullable(),
  schedExt: schedExtStatusSchema,
  /** Names of commands of `requires` style that were asked for and are missing. */
  bootId: z.string().max(64),
});
export type NodeDescription = z.infer<typeof nodeDescriptionSchema>;

/** Members of sched_ext_ops that the node imposes, whatever the policy's author wrote. */
export const imposedSchema = z.strictObject({
  /** Watchdog, ms; the kernel allows at most 30,000. */
  timeoutMs: z.number().int().min(100).max(30_000),
  /** Partial mode: only tasks of class SCHED_EXT move. */
  partial: z.boolean(),
});
export type Imposed = z.infer<typeof imposedSchema>;

export const deploymentStatusSchema = z.strictObject({
  /** `none`: nothing was deployed; `live`: enabled and ours; `ended`: it left, see exit. */
  state: z.enum(["none", "live", "ended"]),
  opsName: z.string().nullable(),
  exit: exitRecordSchema.nullable(),
  schedExt: schedExtStatusSchema,
});
export type DeploymentStatus = z.infer<typeof deploymentStatusSchema>;

/** A task of the workload that failed, with the end of its standard error. Untrusted text. */
export const taskFailureSchema = z.strictObject({
  /** Entry's name, or `setup`. */
  entry: z.string(),
  index: z.number().int(),
  command: z.string(),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  stderrTail: z.string().max(limits.errorTailBytesMax * 2),
});
export type TaskFailure = z.infer<typeof taskFailureSchema>;

/** What a node counted during one run, over the whole guest. */
export const runCountersSchema = z.strictObject({
  contextSwitches: z.number().int(),
  /** Sum over CPUs of time tasks waited on run queues (/proc/schedstat), ms. */
  runDelayMs: z.number(),
  /** Times a task was put on a CPU (/proc/schedstat pcount). */
  timeslices: z.number().int(),
  /** Idle time summed over CPUs (/proc/stat), ms. */
  idleMs: z.number(),
});

const disturbanceFields = {
  /** Since the release of the run. */
  atMs: z.number().int().min(0).max(limits.disturbanceMsMax),
};
const cpuSchema = z.number().int().min(0).max(1023);

/**
 * What is done to a run while it goes on, in a lab guest only (daemon/permission.ts): events of an
 * ordinary machine's life that a scheduler has to stand. Undone at the end of the run, whatever happens.
 */
export const disturbanceSchema = z.discriminatedUnion("kind", [
  /** All processes that the entry has then. */
  z.strictObject({
    ...disturbanceFields,
    kind: z.literal("nice"),
    entry: nameSchema,
    nice: z.number().int().min(-20).max(19),
  }),
  z.strictObject({
    ...disturbanceFields,
    kind: z.literal("affinity"),
    entry: nameSchema,
    cpus: z.array(cpuSchema).min(1).max(64),
  }),
  /** cpu.weight of the entry's cgroup; the cpu controller is enabled for the run from then on. */
  z.strictObject({
    ...disturbanceFields,
    kind: z.literal("cpu-weight"),
    entry: nameSchema,
    weight: z.number().int().min(1).max(10_000),
  }),
  /** Never CPU 0. */
  z.strictObject({ ...disturbanceFields, kind: z.literal("cpu-offline"), cpu: cpuSchema.min(1) }),
  z.strictObject({ ...disturbanceFields, kind: z.literal("cpu-online"), cpu: cpuSchema.min(1) }),
  /** A SCHED_FIFO task that keeps the CPU to itself: the kernel's servers for lower classes rest then. */
  z.strictObject({
    ...disturbanceFields,
    kind: z.literal("real-time-hog"),
    cpu: cpuSchema,
    durationMs: z.number().int().min(1).max(limits.disturbanceMsMax),
  }),
  /** Both end the deployment; how long it takes is told in the report. */
  z.strictObject({ ...disturbanceFields, kind: z.literal("unload") }),
  z.strictObject({ ...disturbanceFields, kind: z.literal("kill-loader") }),
]);
export type Disturbance = z.infer<typeof disturbanceSchema>;

/** What became of a disturbance. */
export const disturbanceReportSchema = z.strictObject({
  kind: z.string().max(32),
  /** Begun, since the release of the run. */
  atMs: z.number(),
  /** Until it was in force; of `unload` and `kill-loader`: until the kernel's default was back. */
  durationMs: z.number(),
  /** Null where it was carried out; else why not. */
  failure: z.string().max(512).nullable(),
});
export type DisturbanceReport = z.infer<typeof disturbanceReportSchema>;

/** CPU time that a run's entries have used so far, their children included. */
export const runObservationSchema = z.strictObject({
  /** Since the release of the run; null where nothing runs. */
  atMs: z.number().nullable(),
  /** In the order of `run`. */
  entries: z
    .array(z.strictObject({ entry: z.string().max(48), cpuMs: z.number() }))
    .max(limits.workloadEntriesMax),
  /** Carried out so far, in order. */
  disturbances: z.array(disturbanceReportSchema).max(limits.disturbancesMax),
});
export type RunObservation = z.infer<typeof runObservationSchema>;

export const runReportSchema = z.strictObject({
  outcome: z.enum(["done", "failed", "timed-out"]),
  failure: taskFailureSchema.nullable(),
  makespanMs: z.number(),
  tasks: z.array(taskSampleSchema).max(limits.workloadProcessesMax),
  counters: runCountersSchema,
  /** End of each task's standard output, for entries that were asked for: entry → one a task. */
  output: z.record(z.string(), z.array(z.string())),
  trace: traceSchema.nullable(),
  /** One for each disturbance that was begun; only where some were asked for. */
  disturbances: z.array(disturbanceReportSchema).max(limits.disturbancesMax).optional(),
});
export type RunReport = z.infer<typeof runReportSchema>;

/**
 * Method → params and result. Order of use in a lab guest: `wake` (after every restore), then any of
 * the others. `workload.*`: a workload belongs to the connection; one at a time.
 */
export const nodeMethods = {
  "node.describe": { params: z.strictObject({}), result: nodeDescriptionSchema },
  /** After a restore: sets the clock, feeds entropy, changes the ids; answers with the nonce. */
  "node.wake": {
    params: z.strictObject({
      clockMs: z.number().int(),
      entropy: base64Schema(512),
      nonce: z.string().min(16).max(128),
    }),
    result: z.strictObject({ nonce: z.string() }),
  },
  /** Which of these programs are not on the workload user's PATH. */
  "node.missing": {
    params: z.strictObject({ programs: z.array(z.string().max(64)).max(64) }),
    result: z.strictObject({ missing: z.array(z.string()) }),
  },
  /** Loads and enables one policy; replaces nothing: refused (`busy`) while one is live. */
  "policy.load": {
    params: z.strictObject({
      name: nameSchema,
      object: base64Schema(limits.policyObjectBytesMax),
      sha256: sha256Schema,
      /** Knob → value, set before loading. An unknown knob is `parameter-invalid`. */
      knobs: z.record(z.string(), parameterValueSchema),
      /** Entry of the workload → expected CPU time, ms. For policies that have a `hints` map. */
      hints: z.record(
        nameSchema,
        z
          .number()
          .int()
          .min(0)
          .max(2 ** 31),
      ),
      imposed: imposedSchema,
      /** Deployment token. A lab guest needs none yet: see daemon/permission.ts. */
      token: z.string().max(16_384).optional(),
    }),
    result: z.strictObject({
      opsName: z.string(),
      enableSeq: z.number().int(),
      durationMs: z.number(),
    }),
  },
  /**
   * Starts a production scheduler's own program, put on this node under its name, which loads its own
   * BPF; from then on it is what is live. In a lab guest only. Nothing can be imposed on it: the
   * time-out is asked of it (SCX_TIMEOUT_MS, which the scx project's schedulers take).
   */
  "policy.start-binary": {
    params: z.strictObject({
      name: nameSchema,
      /** Of the program's file on the node: no other is started. */
      sha256: sha256Schema,
      timeoutMs: imposedSchema.shape.timeoutMs,
      /** How long it may take until its scheduler is enabled. */
      limitMs: z.number().int().min(100).max(limits.binaryStartMsMax),
    }),
    result: z.strictObject({
      opsName: z.string().max(128),
      enableSeq: z.number().int(),
      durationMs: z.number(),
      /** False: partial mode, only tasks of class SCHED_EXT are its own. */
      switchedAll: z.boolean(),
    }),
  },
  "policy.status": { params: z.strictObject({}), result: deploymentStatusSchema },
  /** Unloads; answers when the default scheduler runs again. A no-op when none is live. */
  "policy.unload": { params: z.strictObject({}), result: deploymentStatusSchema },
  /**
   * What the policy itself holds: all values of its array map of that name, or else its global variable
   * of that name. Also of one that was ejected, until the next load or unload. It is the policy's word,
   * never evidence for it; and no snapshot: a live policy may be writing.
   */
  "policy.read-map": {
    params: z.strictObject({
      name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "use a C identifier"),
      /** `limit-exceeded` where it has more: nothing is cut. */
      bytesMax: z.number().int().min(1).max(limits.policyMapBytesMax),
    }),
    result: z.strictObject({ data: base64Schema(limits.policyMapBytesMax) }),
  },
  /**
   * Makes the private directory, runs `setup`, releases `run`, waits. `timeLimitMs` bounds the run
   * (setup has the same again). `stopAfterMs`: a warm-up: the run is ended then, without fault.
   */
  "workload.run": {
    params: z.strictObject({
      workload: workloadSchema,
      timeLimitMs: z.number().int().min(1),
      stopAfterMs: z.number().int().min(1).nullable(),
      /** Entries whose output tail is wanted. */
      outputOf: z.array(nameSchema),
      /** Attach the built-in probe and answer with waits and a timeline. */
      trace: z.boolean(),
      /** In a lab guest only. */
      disturbances: z.array(disturbanceSchema).max(limits.disturbancesMax).optional(),
    }),
    result: runReportSchema,
  },
  /** How far the run in progress is. */
  "workload.observe": { params: z.strictObject({}), result: runObservationSchema },
  /** Ends a run in progress (the connection's own). */
  "workload.stop": { params: z.strictObject({}), result: z.strictObject({}) },
  "node.power-off": { params: z.strictObject({}), result: z.strictObject({}) },
} as const;

export type NodeMethod = keyof typeof nodeMethods;
export type NodeParams<M extends NodeMethod> = z.input<(typeof nodeMethods)[M]["params"]>;
export type NodeResult<M extends NodeMethod> = z.output<(typeof nodeMethods)[M]["result"]>;

/** Anything that can be asked like a node: a lab guest's channel, a socket, the daemon in a test. */
export interface NodeConnection {
  /** Throws SchedcpError: the daemon's own error code, or `node-lost` when the channel breaks. */
  call<M extends NodeMethod>(
    method: M,
    params: NodeParams<M>,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<NodeResult<M>>;
  close(): void;
}

/** Error codes in JSON-RPC: `code` is a fixed number, `data` holds the SchedcpError's fields. */
export const rpcErrorNumber = -32000;

export const rpcErrorSchema = z.object({
  code: z.number(),
  message: z.string().max(8192),
  data: z
    .object({
      code: z.string(),
      hint: z.string().max(8192),
      details: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});

export const rpcRequestSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.number().int(),
  method: z.string().max(64),
  params: z.unknown(),
});

export const rpcResponseSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.number().int().nullable(),
  result: z.unknown().optional(),
  error: rpcErrorSchema.optional(),
});
