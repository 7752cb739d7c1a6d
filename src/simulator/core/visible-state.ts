// What of the simulated kernel a policy can see in memory (task_struct, rq, cgroup, cpumasks). The core
// owns the truth and tells changes; two fields it reads back, because a policy may write them. runtime/
// implements it over the policy's linear memory; the core's own tests over plain arrays.

export interface VisibleState {
  /** A task exists from here to taskFreed. Called before init_task; its fields are set by the calls below. */
  taskCreated(task: number, facts: TaskFacts): void;
  taskFreed(task: number): void;
  /** The clock that bpf_ktime_get_ns and scx_bpf_now read is the kernel's (Kernel.now). */

  /** p->scx.slice, ns; 0xffff_ffff_ffff_ffff (SCX_SLICE_INF) is Infinity. */
  slice(task: number): number;
  setSlice(task: number, ns: number): void;
  /** p->scx.dsq_vtime as unsigned 32-bit halves: it wraps at 2^64 and is compared by difference. */
  vtimeLow(task: number): number;
  vtimeHigh(task: number): number;
  setVtime(task: number, low: number, high: number): void;

  /** p->scx.weight, p->static_prio, p->prio, p->se.load.weight. */
  setNice(task: number, nice: number, weight: number): void;
  /** p->cpus_ptr, p->cpus_mask, p->nr_cpus_allowed. */
  setAffinity(task: number, cpus: readonly number[]): void;
  /** task_cpu(p), p->on_cpu, p->on_rq, p->wake_cpu. */
  setPlace(task: number, cpu: number, onCpu: boolean, onRq: boolean): void;
  /** p->se.sum_exec_runtime, ns. */
  setRuntime(task: number, ns: number): void;
  /** p->scx.flags: SCX_TASK_QUEUED and the like, the kernel's bits. */
  setScxFlags(task: number, flags: number): void;
  /** p->scx.runnable_at, jiffies; p->scx.ddsp_dsq_id is never visible. */
  setRunnableAt(task: number, jiffies: number): void;
  /** p->flags gets PF_EXITING. */
  setExiting(task: number): void;
  setComm(task: number, comm: string): void;
  setPolicy(task: number, policy: number): void;
  /** p->nvcsw, p->nivcsw. */
  setSwitches(task: number, voluntary: number, involuntary: number): void;
  setCgroup(task: number, cgroup: number): void;
  /** rq->curr, rq->nr_running, rq->scx.* of a CPU, as scx_bpf_cpu_rq() shows them; -1: the idle task. */
  setCurrent(cpu: number, task: number, runnable: number): void;
}

export interface TaskFacts {
  pid: number;
  /** Thread-group leader's pid: equal to pid for a leader. */
  tgid: number;
  /** Index of the parent task; -1 where the scenario started it. */
  parent: number;
  comm: string;
  kernelThread: boolean;
  startNs: number;
}
