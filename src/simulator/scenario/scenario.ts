// What is simulated: a machine, tasks that run, sleep and wake each other, and what happens to the
// machine meanwhile. Plain data: a counterexample is one of these, printed as JSON and replayed from it.
// Times are whole nanoseconds below 2^53; CPUs, cgroups, channels and tasks are indices from 0.

/** A fixed time, or one drawn evenly from a range by the scenario's seed whenever the step is reached. */
export type Duration = number | { minNs: number; maxNs: number };

export type Step =
  /** Uses a CPU for so long. */
  | { do: "run"; ns: Duration }
  /** Sleeps until a timer fires. */
  | { do: "sleep"; ns: Duration }
  /** Takes one unit from a channel (a counting semaphore, at first 0), or sleeps until there is one. */
  | { do: "wait"; channel: number }
  /** Adds units to a channel; wakes as many sleepers, first come first served. `sync`: WF_SYNC, as a pipe does. */
  | { do: "signal"; channel: number; count?: number; sync?: boolean }
  /** Starts one task of that spec (index into `tasks`, whose `count` may be 0). */
  | { do: "fork"; task: number }
  /** Sleeps until all tasks that this one forked have exited. */
  | { do: "join" }
  | { do: "yield" }
  /** sched_setaffinity of the task itself. */
  | { do: "affinity"; cpus: number[] }
  | { do: "nice"; nice: number }
  | { do: "cgroup"; cgroup: number }
  /** execve: the task's comm changes. */
  | { do: "exec"; comm: string }
  | { do: "exit" }
  | { do: "repeat"; times: number; steps: Step[] };

export type TaskPolicy = "normal" | "batch" | "idle" | "ext";

/** `count` like tasks. What a task does after its last step: exits, or starts again where `loop`. */
export interface TaskSpec {
  /** Entry of the workload that it stands for; objectives and findings name it. */
  entry: string;
  /** task_struct.comm, at most 15 bytes. */
  comm: string;
  /** Started by the scenario itself; 0 for a spec that is only forked. */
  count: number;
  startNs: Duration;
  nice: number;
  policy: TaskPolicy;
  /** Null: every CPU. */
  cpus: number[] | null;
  cgroup: number;
  kernelThread: boolean;
  steps: Step[];
  loop: boolean;
  /** Not waited for by the makespan: it ends with the scenario. */
  background: boolean;
}

/** What happens to the machine, not by a task. */
export type MachineEvent =
  | { atNs: number; do: "cpu-offline"; cpu: number }
  | { atNs: number; do: "cpu-online"; cpu: number }
  /** A real-time task has the CPU for so long: no policy's fault. */
  | { atNs: number; do: "realtime"; cpu: number; ns: number }
  /** All tasks of a spec. */
  | { atNs: number; do: "affinity"; task: number; cpus: number[] }
  | { atNs: number; do: "nice"; task: number; nice: number }
  | { atNs: number; do: "cgroup-weight"; cgroup: number; weight: number };

/** Per CPU: index of its last-level cache, core and NUMA node, and its capacity (1024: the biggest). */
export interface Topology {
  llcOf: number[];
  coreOf: number[];
  nodeOf: number[];
  capacityOf: number[];
}

export interface CgroupSpec {
  name: string;
  /** Index of the parent; null for the root, which is cgroup 0. */
  parent: number | null;
  /** cpu.weight, 1..10000. */
  weight: number;
}

export interface Scenario {
  name: string;
  topology: Topology;
  cgroups: CgroupSpec[];
  tasks: TaskSpec[];
  events: MachineEvent[];
  /** The simulation ends then, or when every task that is not in the background has exited. */
  durationNs: number;
  /** 32 bits. */
  seed: number;
}
