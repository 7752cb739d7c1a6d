// The task_structs that a policy sees, kept as the core tells (VisibleState). One allocation a task of
// the target's own size, written only where a field has a value: the rest of its pages is never touched.
// Everything is read-only to programs but scx.slice, scx.dsq_vtime and scx.disallow, as
// bpf_scx_btf_struct_access() in kernel/sched/ext has it.
//
// A task that a program still holds a reference to when it exits keeps its memory until the last one is
// given back.

import type { TaskFacts } from "../../core/visible-state.ts";
import type { SandboxMemory } from "../../machine/memory.ts";
import { getWord, nsOf, putWord } from "../words.ts";
import type { Cpumasks } from "./cpumasks.ts";
import { type Layout, type Slots, slotsOf, store } from "./layout.ts";

/** Before each task_struct: its index, where no program can look. */
const HEADER = 16;
const INDEX_AT = -8;
/** Its fields that are ever written lie in its first page (on 7.2), so of its two pages one is touched. */
const PAGE = 4096;
const PF_IDLE = 0x2;
const PF_EXITING = 0x4;
const PF_FORKNOEXEC = 0x40;
const PF_KTHREAD = 0x200000;
const COMM_BYTES = 16;
/** MAX_RT_PRIO + 20: the static priority of nice 0. */
const PRIORITY_NICE_0 = 120;
/** What no task has as an index. */
export const NO_TASK = -0x8000_0000;

/** sched_prio_to_weight of kernel/sched/core.c: load weights of nice -20 … 19. */
const loadWeights: readonly number[] = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
  3906, 3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87,
  70, 56, 45, 36, 29, 23, 18, 15,
];
/** SCHED_FIXEDPOINT_SHIFT of scale_load() on 64-bit machines. */
const LOAD_SCALE = 1024;

export class Tasks {
  readonly #memory: SandboxMemory;
  readonly #words: Int32Array;
  readonly #masks: Cpumasks;
  readonly #size: number;
  readonly #mmSize: number;
  readonly #at: Slots<"task_struct">;
  /** Index → task_struct; 0: there is no such task (any more). */
  readonly #addresses: number[] = [];
  /** CPU → task_struct of its idle task. */
  readonly #idle: number[] = [];
  readonly #cgroupOf: number[] = [];
  /** Exited, yet held by a program: task_struct → index. */
  readonly #held = new Map<number, number>();
  /** References that programs hold: task_struct → count. */
  readonly #references = new Map<number, number>();
  /** Thread groups: tgid → leader's task_struct, mm_struct, and members. */
  readonly #groups = new Map<number, ThreadGroup>();
  readonly #pids = new Map<number, number>();
  /** Of the few names that a run's tasks have. */
  readonly #commBytes = new Map<string, Uint8Array>();

  constructor(memory: SandboxMemory, layout: Layout, masks: Cpumasks) {
    this.#memory = memory;
    this.#words = memory.words;
    this.#masks = masks;
    this.#size = layout.size("task_struct", 64);
    this.#mmSize = layout.size("mm_struct", 64);
    this.#at = slotsOf(layout, "task_struct");
    for (let cpu = 0; cpu < masks.cpus; cpu += 1) this.#idle.push(this.#makeIdle(cpu));
  }

  #allocate(index: number, label: string): number {
    const address = this.#memory.allocate(this.#size + HEADER, "read", label, PAGE) + HEADER;
    this.#memory.protect(address - HEADER, HEADER, "none");
    this.#words[(address + INDEX_AT) >> 2] = index;
    return address;
  }

  #makeIdle(cpu: number): number {
    const address = this.#allocate(-1 - cpu, `task_struct of swapper/${cpu}`);
    const at = this.#at;
    store(this.#memory, address, at.flags, PF_IDLE | PF_KTHREAD);
    store(this.#memory, address, at.cpu, cpu);
    store(this.#memory, address, at.onCpu, 1);
    store(this.#memory, address, at.prio, PRIORITY_NICE_0);
    store(this.#memory, address, at.staticPrio, PRIORITY_NICE_0);
    store(this.#memory, address, at.normalPrio, PRIORITY_NICE_0);
    store(this.#memory, address, at.leader, address);
    store(this.#memory, address, at.parent, address);
    store(this.#memory, address, at.realParent, address);
    this.#allow(address, [cpu]);
    this.#writeComm(address, `swapper/${cpu}`);
    return address;
  }

  /** The task_struct of a task; 0 where it is gone or -1. */
  addressOf(task: number): number {
    return this.#addresses[task] ?? 0;
  }

  idleAddress(cpu: number): number {
    return this.#idle[cpu] ?? 0;
  }

  /** The task whose task_struct starts there; -1 - cpu for idle tasks; NO_TASK where it is none. */
  indexAt(address: number): number {
    if (address < 4096 || (address & 7) !== 0) return NO_TASK;
    const index = this.#words[(address + INDEX_AT) >> 2] ?? NO_TASK;
    const known = index >= 0 ? this.#addresses[index] : this.#idle[-1 - index];
    if (known === address) return index;
    return this.#held.get(address) ?? NO_TASK;
  }

  cgroupOf(task: number): number {
    return this.#cgroupOf[task] ?? 0;
  }

  /** Tasks that exist, by index. */
  *alive(): Iterable<number> {
    for (let task = 0; task < this.#addresses.length; task += 1)
      if (this.#addresses[task]) yield task;
  }

  /** -1 where there is none. */
  byPid(pid: number): number {
    return this.#pids.get(pid) ?? -1;
  }

  pidOf(address: number): number {
    return this.#words[(address + this.#at.pid.offset) >> 2] as number;
  }

  tgidOf(address: number): number {
    return this.#words[(address + this.#at.tgid.offset) >> 2] as number;
  }

  /** The sixteen bytes of its name. */
  commAt(address: number): number {
    return address + this.#at.comm.offset;
  }

  acquire(address: number): void {
    this.#references.set(address, (this.#references.get(address) ?? 0) + 1);
  }

  release(address: number): void {
    const count = this.#references.get(address) ?? 0;
    if (count > 1) {
      this.#references.set(address, count - 1);
      return;
    }
    this.#references.delete(address);
    if (this.#held.delete(address)) this.#memory.release(address - HEADER);
  }

  created(task: number, facts: TaskFacts): void {
    const address = this.#allocate(task, `task_struct of ${facts.comm}[${facts.pid}]`);
    while (this.#addresses.length <= task) this.#addresses.push(0);
    this.#addresses[task] = address;
    this.#pids.set(facts.pid, task);
    const memory = this.#memory;
    const at = this.#at;
    for (const slot of [at.slice, at.vtime, at.disallow])
      if (slot.offset >= 0) this.#memory.protect(address + slot.offset, slot.size, "read-write");
    const group = this.#join(address, facts);
    const parent = this.addressOf(facts.parent) || address;
    store(memory, address, at.pid, facts.pid);
    store(memory, address, at.tgid, facts.tgid);
    store(memory, address, at.flags, facts.kernelThread ? PF_KTHREAD : PF_FORKNOEXEC);
    store(memory, address, at.mm, group.mm);
    store(memory, address, at.activeMm, group.mm);
    store(memory, address, at.leader, group.leader);
    store(memory, address, at.parent, parent);
    store(memory, address, at.realParent, parent);
    store(memory, address, at.startTime, facts.startNs);
    store(memory, address, at.startBootTime, facts.startNs);
    store(memory, address, at.usage, 1);
    this.#writeComm(address, facts.comm);
  }

  #join(address: number, facts: TaskFacts): ThreadGroup {
    const known = this.#groups.get(facts.tgid);
    if (known) {
      known.members += 1;
      return known;
    }
    const mm = facts.kernelThread
      ? 0
      : this.#memory.allocate(this.#mmSize, "read", `mm_struct of ${facts.comm}[${facts.tgid}]`);
    const group = { leader: address, mm, members: 1 };
    this.#groups.set(facts.tgid, group);
    return group;
  }

  freed(task: number): void {
    const address = this.addressOf(task);
    if (address === 0) return;
    const pid = this.pidOf(address);
    const tgid = this.tgidOf(address);
    this.#addresses[task] = 0;
    if (this.#pids.get(pid) === task) this.#pids.delete(pid);
    const group = this.#groups.get(tgid);
    if (group) {
      group.members -= 1;
      if (group.members === 0) {
        this.#groups.delete(tgid);
        if (group.mm) this.#memory.release(group.mm);
      }
    }
    if (this.#references.has(address)) this.#held.set(address, task);
    else this.#memory.release(address - HEADER);
  }

  slice(task: number): number {
    const at = (this.addressOf(task) + this.#at.slice.offset) >> 2;
    return nsOf(this.#words[at] as number, this.#words[at + 1] as number);
  }

  setSlice(task: number, ns: number): void {
    putWord(this.#words, this.addressOf(task) + this.#at.slice.offset, ns);
  }

  vtimeLow(task: number): number {
    return (this.#words[this.#vtimeAt(task)] as number) >>> 0;
  }

  vtimeHigh(task: number): number {
    return (this.#words[this.#vtimeAt(task) + 1] as number) >>> 0;
  }

  setVtime(task: number, low: number, high: number): void {
    const at = this.#vtimeAt(task);
    this.#words[at] = low;
    this.#words[at + 1] = high;
  }

  #vtimeAt(task: number): number {
    return (this.addressOf(task) + this.#at.vtime.offset) >> 2;
  }

  /** p->scx.disallow: the policy wants this task kept out of sched_ext (partial mode). */
  disallowed(task: number): boolean {
    const { offset } = this.#at.disallow;
    return offset >= 0 && this.#memory.bytes[this.addressOf(task) + offset] !== 0;
  }

  setNice(task: number, nice: number, weight: number): void {
    const address = this.addressOf(task);
    const at = this.#at;
    const priority = PRIORITY_NICE_0 + nice;
    store(this.#memory, address, at.staticPrio, priority);
    store(this.#memory, address, at.normalPrio, priority);
    store(this.#memory, address, at.prio, priority);
    store(this.#memory, address, at.weight, weight);
    store(this.#memory, address, at.loadWeight, (loadWeights[nice + 20] ?? 1024) * LOAD_SCALE);
  }

  setAffinity(task: number, cpus: readonly number[]): void {
    this.#allow(this.addressOf(task), cpus);
  }

  #allow(address: number, cpus: readonly number[]): void {
    const mask = address + this.#at.cpusMask.offset;
    this.#masks.fill(mask, cpus);
    store(this.#memory, address, this.#at.cpusPtr, mask);
    store(this.#memory, address, this.#at.cpusAllowed, cpus.length);
  }

  /** Address of the mask that p->cpus_ptr points to. */
  allowedMask(address: number): number {
    return address + this.#at.cpusMask.offset;
  }

  setPlace(task: number, cpu: number, onCpu: boolean, onRq: boolean): void {
    const address = this.addressOf(task);
    const memory = this.#memory;
    const at = this.#at;
    const previous = this.#words[(address + at.cpu.offset) >> 2] as number;
    if (previous !== cpu) {
      store(memory, address, at.recentCpu, previous);
      store(memory, address, at.cpu, cpu);
      store(memory, address, at.wakeCpu, cpu);
    }
    store(memory, address, at.onCpu, onCpu ? 1 : 0);
    store(memory, address, at.onRq, onRq ? 1 : 0);
  }

  setRuntime(task: number, ns: number): void {
    const address = this.addressOf(task);
    putWord(this.#words, address + this.#at.runtime.offset, ns);
    store(this.#memory, address, this.#at.userTime, ns);
  }

  /** p->se.exec_start: when its runtime was last brought up to date. */
  setExecStart(task: number, ns: number): void {
    store(this.#memory, this.addressOf(task), this.#at.execStart, ns);
  }

  setScxFlags(task: number, flags: number): void {
    store(this.#memory, this.addressOf(task), this.#at.scxFlags, flags);
  }

  setRunnableAt(task: number, jiffies: number): void {
    store(this.#memory, this.addressOf(task), this.#at.runnableAt, jiffies);
  }

  setExiting(task: number): void {
    const at = (this.addressOf(task) + this.#at.flags.offset) >> 2;
    this.#words[at] = (this.#words[at] as number) | PF_EXITING;
  }

  setComm(task: number, comm: string): void {
    const address = this.addressOf(task);
    this.#writeComm(address, comm);
    const at = (address + this.#at.flags.offset) >> 2;
    this.#words[at] = (this.#words[at] as number) & ~PF_FORKNOEXEC;
  }

  #writeComm(address: number, comm: string): void {
    let bytes = this.#commBytes.get(comm);
    if (bytes === undefined) {
      bytes = new Uint8Array(COMM_BYTES);
      bytes.set(Buffer.from(comm, "utf8").subarray(0, COMM_BYTES - 1));
      this.#commBytes.set(comm, bytes);
    }
    this.#memory.bytes.set(bytes, this.commAt(address));
  }

  setPolicy(task: number, policy: number): void {
    store(this.#memory, this.addressOf(task), this.#at.policy, policy);
  }

  setSwitches(task: number, voluntary: number, involuntary: number): void {
    const address = this.addressOf(task);
    store(this.#memory, address, this.#at.voluntary, voluntary);
    store(this.#memory, address, this.#at.involuntary, involuntary);
  }

  setCgroup(task: number, cgroup: number, addresses: { cssSet: number; taskGroup: number }): void {
    const address = this.addressOf(task);
    while (this.#cgroupOf.length <= task) this.#cgroupOf.push(0);
    this.#cgroupOf[task] = cgroup;
    store(this.#memory, address, this.#at.cgroups, addresses.cssSet);
    store(this.#memory, address, this.#at.taskGroup, addresses.taskGroup);
  }

  /** p->se.sum_exec_runtime, ns. */
  runtime(task: number): number {
    return getWord(this.#memory.view, this.addressOf(task) + this.#at.runtime.offset);
  }
}

interface ThreadGroup {
  leader: number;
  mm: number;
  members: number;
}
