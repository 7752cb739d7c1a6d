// Policies in TypeScript over the simulator's PolicyOps: some correct, some harmful in one known way.
// What the checks must pass and what they must catch. Each is as small as its BPF counterpart would be.

import type { CheckedPolicy, PolicyFactory } from "../../src/simulator/checks/checked-run.ts";
import type { Kernel } from "../../src/simulator/core/kernel.ts";
import type { OpName, OpsSettings, PolicyOps } from "../../src/simulator/core/policy-ops.ts";
import { PlainState } from "../../src/simulator/core/scx/plain-state.ts";
import type { TaskFacts, VisibleState } from "../../src/simulator/core/visible-state.ts";
import type { Topology } from "../../src/simulator/scenario/scenario.ts";

const msNs = 1_000_000;
/** SCX_DSQ_LOCAL and the high half of SCX_DSQ_LOCAL_ON. */
const local = { low: 2, high: 0x80000000 } as const;
const localOnHigh = 0xc0000000;
const kickIdle = 1;
const kickPreempt = 2;
/** SCX_ENQ_WAKEUP. */
const wakeupFlag = 1;

const ignore = (): void => undefined;

/** What a task's memory shows that these policies look at. */
class Memory implements VisibleState {
  readonly #plain = new PlainState();
  readonly comm: string[] = [];
  readonly pid: number[] = [];
  readonly weight: number[] = [];

  taskCreated(task: number, facts: TaskFacts): void {
    this.#plain.taskCreated(task);
    this.comm[task] = facts.comm;
    this.pid[task] = facts.pid;
    this.weight[task] = 100;
  }
  slice(task: number): number {
    return this.#plain.slice(task);
  }
  setSlice(task: number, ns: number): void {
    this.#plain.setSlice(task, ns);
  }
  vtimeLow(task: number): number {
    return this.#plain.vtimeLow(task);
  }
  vtimeHigh(task: number): number {
    return this.#plain.vtimeHigh(task);
  }
  setVtime(task: number, low: number, high: number): void {
    this.#plain.setVtime(task, low, high);
  }
  setNice(task: number, _nice: number, weight: number): void {
    this.weight[task] = weight;
  }
  setComm(task: number, comm: string): void {
    this.comm[task] = comm;
  }
  readonly taskFreed = ignore;
  readonly setAffinity = ignore;
  readonly setPlace = ignore;
  readonly setRuntime = ignore;
  readonly setScxFlags = ignore;
  readonly setRunnableAt = ignore;
  readonly setExiting = ignore;
  readonly setPolicy = ignore;
  readonly setSwitches = ignore;
  readonly setCgroup = ignore;
  readonly setCurrent = ignore;
}

/** Every op does nothing; subclasses name those that they define. */
class Native implements PolicyOps {
  readonly defined: ReadonlySet<OpName>;
  readonly settings: OpsSettings;
  readonly memory = new Memory();
  readonly topology: Topology;
  #kernel: Kernel | null = null;

  constructor(topology: Topology, defined: readonly OpName[], settings: Partial<OpsSettings> = {}) {
    this.topology = topology;
    this.defined = new Set<OpName>(["init", ...defined]);
    this.settings = {
      name: "native",
      flags: 0,
      timeoutMs: 30_000,
      dispatchMaxBatch: 0,
      ...settings,
    };
  }

  attach(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error("not attached");
    return this.#kernel;
  }

  get cpus(): number {
    return this.topology.llcOf.length;
  }

  /** scx_bpf_pick_idle_cpu and a kick. */
  kickIdleFor(task: number): void {
    const cpu = this.kernel.pickIdleCpu((each) => this.kernel.isAllowed(task, each), 0);
    if (cpu >= 0) this.kernel.kick(cpu, kickIdle);
  }

  /** scx_bpf_select_cpu_dfl, straight to the local queue where it is idle. */
  selectDefault(task: number, prevCpu: number, wakeFlags: number, sliceNs: number): number {
    const { cpu, idle } = this.kernel.selectCpuDefault(task, prevCpu, wakeFlags);
    if (idle) this.kernel.insert(task, local.low, local.high, sliceNs, 0);
    return cpu;
  }

  init(): number {
    return this.kernel.createDsq(0, 0, -1);
  }
  selectCpu(_task: number, prevCpu: number, _wakeFlags: number): number {
    return prevCpu;
  }
  enqueue(_task: number, _flags: number): void {
    // Nothing to do.
  }
  dequeue(_task: number, _flags: number): void {
    // Nothing to do.
  }
  dispatch(_cpu: number, _prev: number): void {
    // Nothing to do.
  }
  tick(_task: number): void {
    // Nothing to do.
  }
  runnable(_task: number, _flags: number): void {
    // Nothing to do.
  }
  running(_task: number): void {
    // Nothing to do.
  }
  stopping(_task: number, _runnable: boolean): void {
    // Nothing to do.
  }
  quiescent(_task: number, _flags: number): void {
    // Nothing to do.
  }
  yield(_from: number, _to: number): boolean {
    return false;
  }
  coreSchedBefore(): boolean {
    return false;
  }
  setWeight(_task: number, _weight: number): void {
    // Nothing to do.
  }
  setCpumask(_task: number): void {
    // Nothing to do.
  }
  updateIdle(_cpu: number, _idle: boolean): void {
    // Nothing to do.
  }
  cpuAcquire(_cpu: number): void {
    // Nothing to do.
  }
  cpuRelease(_cpu: number, _reason: number): void {
    // Nothing to do.
  }
  initTask(_task: number, _fork: boolean): number {
    return 0;
  }
  exitTask(_task: number, _cancelled: boolean): void {
    // Nothing to do.
  }
  enable(_task: number): void {
    // Nothing to do.
  }
  disable(_task: number): void {
    // Nothing to do.
  }
  cgroupInit(): number {
    return 0;
  }
  cgroupExit(): void {
    // Nothing to do.
  }
  cgroupPrepMove(): number {
    return 0;
  }
  cgroupMove(): void {
    // Nothing to do.
  }
  cgroupCancelMove(): void {
    // Nothing to do.
  }
  cgroupSetWeight(): void {
    // Nothing to do.
  }
  cgroupSetBandwidth(): void {
    // Nothing to do.
  }
  cgroupSetIdle(): void {
    // Nothing to do.
  }
  cpuOnline(_cpu: number): void {
    // Nothing to do.
  }
  cpuOffline(_cpu: number): void {
    // Nothing to do.
  }
  exit(): void {
    // Nothing to do.
  }
}

/** First come first served; what the variants below change is one method each. */
class Fifo extends Native {
  constructor(
    topology: Topology,
    more: readonly OpName[] = [],
    settings: Partial<OpsSettings> = {},
  ) {
    super(topology, ["select_cpu", "enqueue", "dispatch", ...more], settings);
  }
  sliceFor(_task: number): number {
    return 20 * msNs;
  }
  override selectCpu(task: number, prevCpu: number, wakeFlags: number): number {
    return this.selectDefault(task, prevCpu, wakeFlags, this.sliceFor(task));
  }
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 0, 0, this.sliceFor(task), flags);
    this.kickIdleFor(task);
  }
  override dispatch(_cpu: number, _prev: number): void {
    this.kernel.moveToLocal(0, 0, 0);
  }
}

/** One queue, but the kernel picks the CPU and every wake-up goes through enqueue. */
class Bare extends Native {
  constructor(topology: Topology) {
    super(topology, ["enqueue", "dispatch"]);
  }
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 0, 0, 20 * msNs, flags);
    this.kickIdleFor(task);
  }
  override dispatch(): void {
    this.kernel.moveToLocal(0, 0, 0);
  }
}

/** A queue per last-level cache; others are taken from when the own one is empty. */
class PerLlc extends Fifo {
  get llcs(): number {
    return Math.max(...this.topology.llcOf) + 1;
  }
  override init(): number {
    for (let llc = 0; llc < this.llcs; llc += 1) this.kernel.createDsq(llc, 0, -1);
    return 0;
  }
  override enqueue(task: number, flags: number): void {
    const llc = this.topology.llcOf[this.kernel.taskCpu(task)] ?? 0;
    this.kernel.insert(task, llc, 0, this.sliceFor(task), flags);
    this.kickIdleFor(task);
  }
  override dispatch(cpu: number): void {
    const own = this.topology.llcOf[cpu] ?? 0;
    for (let at = 0; at < this.llcs; at += 1) {
      if (this.kernel.moveToLocal((own + at) % this.llcs, 0, 0)) return;
    }
  }
}

/** As scx_simple does it: weighted virtual time, charged by what is left of the slice. */
class Vtime extends Native {
  vtimeNow = 0;
  readonly vtime: number[] = [];
  readonly startedNs: number[] = [];

  constructor(topology: Topology, settings: Partial<OpsSettings> = {}) {
    super(
      topology,
      ["select_cpu", "enqueue", "dispatch", "running", "stopping", "enable"],
      settings,
    );
  }
  get sliceNs(): number {
    return 20 * msNs;
  }
  charge(task: number, usedNs: number): number {
    return (usedNs * 100) / (this.memory.weight[task] ?? 100);
  }
  override selectCpu(task: number, prevCpu: number, wakeFlags: number): number {
    return this.selectDefault(task, prevCpu, wakeFlags, this.sliceNs);
  }
  override enqueue(task: number, flags: number): void {
    const vtime = Math.max(this.vtime[task] ?? 0, this.vtimeNow - this.sliceNs, 0);
    this.vtime[task] = vtime;
    const whole = Math.floor(vtime);
    const high = Math.floor(whole / 2 ** 32);
    this.kernel.insertVtime(task, 0, 0, this.sliceNs, whole % 2 ** 32, high, flags);
    this.kickIdleFor(task);
  }
  override dispatch(_cpu: number, _prev: number): void {
    this.kernel.moveToLocal(0, 0, 0);
  }
  override running(task: number): void {
    this.vtimeNow = Math.max(this.vtimeNow, this.vtime[task] ?? 0);
    this.startedNs[task] = this.kernel.now();
  }
  override stopping(task: number, _runnable: boolean): void {
    const used = this.kernel.now() - (this.startedNs[task] ?? 0);
    this.vtime[task] = (this.vtime[task] ?? 0) + this.charge(task, used);
  }
  override enable(task: number): void {
    this.vtime[task] = this.vtimeNow;
  }
}

/** Holds tasks itself, in a list, and serves it in order: as scx_qmap and scx_flatcg do. */
class OwnList extends Native {
  readonly list: number[] = [];

  constructor(topology: Topology) {
    super(topology, ["enqueue", "dequeue", "dispatch"]);
  }
  override enqueue(task: number, _flags: number): void {
    this.list.push(task);
    this.kickIdleFor(task);
  }
  override dequeue(task: number): void {
    const at = this.list.indexOf(task);
    if (at >= 0) this.list.splice(at, 1);
  }
  override dispatch(cpu: number): void {
    const at = this.list.findIndex((task) => this.kernel.isAllowed(task, cpu));
    const [task] = at < 0 ? [] : this.list.splice(at, 1);
    if (task !== undefined) this.kernel.insert(task, local.low, local.high, 20 * msNs, 0);
  }
}

/** Long slices by weight, as policies for throughput have. */
class LongSlices extends Fifo {
  override sliceFor(task: number): number {
    return Math.min(1000, Math.max(4, 2 * (this.memory.weight[task] ?? 100))) * msNs;
  }
}

/** Short slices: many switches. */
class ShortSlices extends Fifo {
  override sliceFor(_task: number): number {
    return 2 * msNs;
  }
}

/** As per-llc, but nobody takes from another cache's queue: idle beside waiting, and a choice. */
class NeverSteals extends PerLlc {
  override dispatch(cpu: number): void {
    this.kernel.moveToLocal(this.topology.llcOf[cpu] ?? 0, 0, 0);
  }
}

/** Every task stays with the CPU that it woke on: two hogs share one for ever while another is idle. */
class Partitioned extends Native {
  constructor(topology: Topology) {
    super(topology, ["select_cpu", "enqueue"]);
  }
  override selectCpu(task: number, prevCpu: number, wakeFlags: number): number {
    return this.selectDefault(task, prevCpu, wakeFlags, 20 * msNs);
  }
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, local.low, local.high, 20 * msNs, flags);
  }
}

/** Weighted virtual time in which whoever wakes displaces what runs. */
class Preempting extends Vtime {
  override enqueue(task: number, flags: number): void {
    super.enqueue(task, flags);
    if ((flags & wakeupFlag) !== 0) this.kernel.kick(this.kernel.taskCpu(task), kickPreempt);
  }
}

/** Strict order by weight. */
class StrictPriority extends Vtime {
  override enqueue(task: number, flags: number): void {
    const key = 100_000 - (this.memory.weight[task] ?? 100);
    this.kernel.insertVtime(task, 0, 0, this.sliceNs, key, 0, flags);
    this.kickIdleFor(task);
  }
}

/** Newest first. */
class Lifo extends Vtime {
  #key = 2 ** 31;
  override enqueue(task: number, flags: number): void {
    this.#key -= 1;
    this.kernel.insertVtime(task, 0, 0, this.sliceNs, this.#key, 0, flags);
    this.kickIdleFor(task);
  }
}

class SliceByPid extends Fifo {
  override sliceFor(task: number): number {
    return (1 + ((this.memory.pid[task] ?? 0) % 3) * 10) * 2 * msNs;
  }
}

class TimeBomb extends Fifo {
  readonly #afterNs: number;
  #startNs = -1;
  constructor(topology: Topology, afterNs: number) {
    super(topology);
    this.#afterNs = afterNs;
  }
  override dispatch(cpu: number, prev: number): void {
    if (this.#startNs < 0) this.#startNs = this.kernel.now();
    if (this.kernel.now() - this.#startNs < this.#afterNs) super.dispatch(cpu, prev);
  }
}

class DropsName extends Fifo {
  readonly #name: string;
  constructor(topology: Topology, name: string) {
    super(topology);
    this.#name = name;
  }
  override selectCpu(task: number, prevCpu: number, wakeFlags: number): number {
    return this.memory.comm[task] === this.#name
      ? prevCpu
      : super.selectCpu(task, prevCpu, wakeFlags);
  }
  override enqueue(task: number, flags: number): void {
    if (this.memory.comm[task] !== this.#name) super.enqueue(task, flags);
  }
}

/** After so many enqueues, every 1,024th is inserted nowhere. */
class CountBomb extends Fifo {
  readonly #after: number;
  #enqueues = 0;
  constructor(topology: Topology, after: number) {
    super(topology);
    this.#after = after;
  }
  override enqueue(task: number, flags: number): void {
    this.#enqueues += 1;
    if (this.#enqueues > this.#after && this.#enqueues % 1024 === 0) return;
    super.enqueue(task, flags);
  }
}

/** Whoever is put back displaces what just came instead. */
class SelfPreempt extends Fifo {
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 0, 0, this.sliceFor(task), flags);
    this.kernel.kick(this.kernel.taskCpu(task), kickPreempt);
  }
}

class InfiniteSlices extends Fifo {
  override sliceFor(_task: number): number {
    return Number.POSITIVE_INFINITY;
  }
}

class IgnoresAffinity extends Native {
  #next = 0;
  constructor(topology: Topology) {
    super(topology, ["enqueue", "dispatch"]);
  }
  override enqueue(task: number, flags: number): void {
    this.#next = (this.#next + 1) % this.cpus;
    this.kernel.insert(task, this.#next, localOnHigh, 20 * msNs, flags);
    this.kernel.kick(this.#next, kickIdle);
  }
}

class NeverKicks extends Native {
  constructor(topology: Topology) {
    super(topology, ["select_cpu", "enqueue", "dispatch"]);
  }
  override selectCpu(_task: number, prevCpu: number): number {
    return prevCpu;
  }
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 0, 0, 20 * msNs, flags);
  }
  override dispatch(): void {
    this.kernel.moveToLocal(0, 0, 0);
  }
}

class InvertedWeights extends Vtime {
  override charge(task: number, usedNs: number): number {
    return (usedNs * (this.memory.weight[task] ?? 100)) / 100;
  }
}

/**
 * `vtime += (slice_ns - p->scx.slice) * 100 / weight` in unsigned 64 bits: what is left may be more than
 * the policy's own slice, where the kernel granted its 20 ms.
 */
class VtimeUnderflow extends Vtime {
  readonly #words: bigint[] = [];
  #now = 0n;
  override get sliceNs(): number {
    return 5 * msNs;
  }
  floorOf(vtime: bigint): bigint {
    const floor = BigInt.asUintN(64, this.#now - BigInt(this.sliceNs));
    return BigInt.asIntN(64, vtime - floor) < 0n ? floor : vtime;
  }
  chargeOf(used: bigint, task: number): bigint {
    return BigInt.asUintN(64, used * 100n) / BigInt(this.memory.weight[task] ?? 100);
  }
  override enqueue(task: number, flags: number): void {
    const vtime = this.floorOf(this.#words[task] ?? this.#now);
    this.#words[task] = vtime;
    const low = Number(vtime & 0xffffffffn);
    this.kernel.insertVtime(task, 0, 0, this.sliceNs, low, Number(vtime >> 32n), flags);
    this.kickIdleFor(task);
  }
  override running(task: number): void {
    const vtime = this.#words[task] ?? this.#now;
    if (BigInt.asIntN(64, this.#now - vtime) < 0n) this.#now = vtime;
  }
  override stopping(task: number): void {
    const left = this.memory.slice(task);
    const used = BigInt.asUintN(64, BigInt(this.sliceNs - Math.round(left)));
    const charge = this.chargeOf(used, task);
    this.#words[task] = BigInt.asUintN(64, (this.#words[task] ?? this.#now) + charge);
  }
  override enable(task: number): void {
    this.#words[task] = this.#now;
  }
}

/** `vtime += slice_ns - p->scx.slice`: the same without weights, and no bound to what is gained. */
class PlainUnderflow extends VtimeUnderflow {
  override floorOf(vtime: bigint): bigint {
    return vtime;
  }
  override chargeOf(used: bigint, _task: number): bigint {
    return used;
  }
}

/** Only CPU 0 ever takes work from the queue. */
class OneCpuOnly extends Native {
  constructor(topology: Topology) {
    super(topology, ["select_cpu", "enqueue", "dispatch"]);
  }
  override selectCpu(): number {
    return 0;
  }
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 0, 0, 20 * msNs, flags);
    this.kickIdleFor(task);
  }
  override dispatch(cpu: number): void {
    if (cpu === 0) this.kernel.moveToLocal(0, 0, 0);
  }
}

/** Admits new tasks one in 25 ms and CPU, however many come. */
class GrowingList extends Fifo {
  readonly #newcomers: number[] = [];
  readonly #admitted = new Set<number>();
  readonly #lastNs: number[] = [];

  constructor(topology: Topology) {
    super(topology, ["dequeue", "enable"]);
  }
  override enable(task: number): void {
    this.#admitted.delete(task);
  }
  override selectCpu(_task: number, prevCpu: number): number {
    return prevCpu;
  }
  override enqueue(task: number, flags: number): void {
    if (this.#admitted.has(task)) super.enqueue(task, flags);
    else {
      this.#newcomers.push(task);
      this.kickIdleFor(task);
    }
  }
  override dequeue(task: number): void {
    const at = this.#newcomers.indexOf(task);
    if (at >= 0) this.#newcomers.splice(at, 1);
  }
  override dispatch(cpu: number, prev: number): void {
    const due = this.kernel.now() - (this.#lastNs[cpu] ?? 0) >= 25 * msNs;
    const at = due ? this.#newcomers.findIndex((task) => this.kernel.isAllowed(task, cpu)) : -1;
    const [task] = at < 0 ? [] : this.#newcomers.splice(at, 1);
    if (task === undefined) {
      super.dispatch(cpu, prev);
      return;
    }
    this.#lastNs[cpu] = this.kernel.now();
    this.#admitted.add(task);
    this.kernel.insert(task, local.low, local.high, 20 * msNs, 0);
  }
}

/** Strict order by weight, the lighter first. */
class LightFirst extends Vtime {
  override enqueue(task: number, flags: number): void {
    const key = this.memory.weight[task] ?? 100;
    this.kernel.insertVtime(task, 0, 0, this.sliceNs, key, 0, flags);
    this.kickIdleFor(task);
  }
}

class WrongDsq extends Fifo {
  override enqueue(task: number, flags: number): void {
    this.kernel.insert(task, 77, 0, 20 * msNs, flags);
  }
}

function factory(make: (topology: Topology) => Native): PolicyFactory {
  return ({ topology }): CheckedPolicy => {
    const policy = make(topology);
    return {
      ops: policy,
      state: policy.memory,
      attach: (kernel) => policy.attach(kernel),
      unsupported: [],
    };
  };
}

export const correctPolicies: Readonly<Record<string, PolicyFactory>> = {
  fifo: factory((topology) => new Fifo(topology)),
  bare: factory((topology) => new Bare(topology)),
  "per-llc": factory((topology) => new PerLlc(topology)),
  "weighted-vtime": factory((topology) => new Vtime(topology)),
  "own-list": factory((topology) => new OwnList(topology)),
  "long-slices": factory((topology) => new LongSlices(topology)),
  "short-slices": factory((topology) => new ShortSlices(topology)),
  "never-steals": factory((topology) => new NeverSteals(topology)),
  preempting: factory((topology) => new Preempting(topology)),
};

/** Name → what it is, and a rule that must be among the errors. */
export const harmfulPolicies: Readonly<Record<string, { make: PolicyFactory; rules: string[] }>> = {
  "strict-priority": { make: factory((t) => new StrictPriority(t)), rules: ["starvation"] },
  lifo: { make: factory((t) => new Lifo(t)), rules: ["starvation"] },
  "slice-by-pid": { make: factory((t) => new SliceByPid(t)), rules: ["unfairness"] },
  "bomb-20s": { make: factory((t) => new TimeBomb(t, 20e9)), rules: ["starvation", "stall"] },
  "bomb-5min": { make: factory((t) => new TimeBomb(t, 300e9)), rules: ["starvation", "stall"] },
  "bomb-by-count": { make: factory((t) => new CountBomb(t, 100_000)), rules: ["lost-task"] },
  "drops-systemd": { make: factory((t) => new DropsName(t, "systemd")), rules: ["lost-task"] },
  "drops-postgres": { make: factory((t) => new DropsName(t, "postgres")), rules: ["lost-task"] },
  "self-preempt": { make: factory((t) => new SelfPreempt(t)), rules: ["switching"] },
  "infinite-slices": { make: factory((t) => new InfiniteSlices(t)), rules: ["starvation"] },
  "ignores-affinity": {
    make: factory((t) => new IgnoresAffinity(t)),
    rules: ["affinity", "runtime-error"],
  },
  "never-kicks": { make: factory((t) => new NeverKicks(t)), rules: ["work-conservation"] },
  "inverted-weights": { make: factory((t) => new InvertedWeights(t)), rules: ["unfairness"] },
  "vtime-underflow": { make: factory((t) => new VtimeUnderflow(t)), rules: ["starvation"] },
  "plain-underflow": { make: factory((t) => new PlainUnderflow(t)), rules: ["starvation"] },
  partitioned: { make: factory((t) => new Partitioned(t)), rules: ["work-conservation"] },
  "one-cpu-only": { make: factory((t) => new OneCpuOnly(t)), rules: ["work-conservation"] },
  "growing-list": { make: factory((t) => new GrowingList(t)), rules: ["queue-growth"] },
  "light-first": {
    make: factory((t) => new LightFirst(t)),
    rules: ["starvation", "priority-inversion"],
  },
  "wrong-dsq": { make: factory((t) => new WrongDsq(t)), rules: ["runtime-error"] },
};
