// Every fixed limit that holds at a process boundary, in one place. Reaching one is a clear error
// (`limit-exceeded`), never a silent cut. Read by all rooms; imports nothing.

export const limits = {
  /** One line of the node protocol, in bytes. A policy object of 8 MiB fits as base64. */
  messageBytesMax: 12 * 1024 * 1024,
  /** A policy's source or object, in bytes. */
  policySourceBytesMax: 1024 * 1024,
  policyObjectBytesMax: 8 * 1024 * 1024,
  /** A workload file, in bytes. */
  workloadBytesMax: 64 * 1024,
  workloadEntriesMax: 64,
  /** Processes that one workload starts itself (its children are bounded by the guest's pids.max). */
  workloadProcessesMax: 1024,
  workloadCommandCharsMax: 8192,
  workloadSetupCommandsMax: 32,
  workloadScaleMin: 0.01,
  workloadScaleMax: 1000,
  workloadTimeLimitSecondsMax: 3600,
  workloadPairsMin: 6,
  workloadPairsMax: 200,
  /** What is kept of a task's standard output (its end) when the objective has a pattern, in bytes. */
  outputTailBytesMax: 64 * 1024,
  /** What is kept of a failing task's standard error (its end), in bytes. */
  errorTailBytesMax: 2048,
  /** What is kept of the kernel verifier's log (its end), in bytes. */
  verifierLogBytesMax: 256 * 1024,
  /** A text that `explain` is given (a kernel's dump, a piece of its log), in bytes. */
  explainedBytesMax: 8 * 1024 * 1024,
  /** What is read of a policy's memory (one array map or global variable), in bytes. */
  policyMapBytesMax: 1024 * 1024,
  /** Segments of a traced run's timeline. */
  timelineSegmentsMax: 20_000,
  /** Knobs of one policy, and hints of one deployment. */
  knobsMax: 64,
  hintsMax: 64,
  /** What is done to a run in a lab guest while it goes on; each lasts or waits so long at most, ms. */
  disturbancesMax: 32,
  disturbanceMsMax: 60_000,
  /** A production scheduler's program, and each shared library that it needs, in bytes. */
  binaryBytesMax: 64 * 1024 * 1024,
  binaryLibrariesMax: 64,
  /** Until an enrolled program has enabled its scheduler, ms. */
  binaryStartMsMax: 120_000,
} as const;
