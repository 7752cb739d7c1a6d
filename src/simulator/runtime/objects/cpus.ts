// What a policy sees of CPUs: each one's rq, and the kernel's per-CPU variables that the object names.
// All per-CPU variables lie in one area that repeats for every CPU at the same distance, so that a
// pointer into it is moved to another CPU by an addition, as in the kernel.

import type { SandboxMemory } from "../../machine/memory.ts";
import type { Ksym } from "../../object/bpf-object.ts";
import type { Topology } from "../../scenario/scenario.ts";
import { alignUp } from "../words.ts";
import type { Cpumasks } from "./cpumasks.ts";
import { type Layout, type Slots, slotsOf, store } from "./layout.ts";

const SCX_RQ_ONLINE = 1;
const CAPACITY_MAX = 1024;

/** What a per-CPU variable of the kernel has on a CPU; the masks' members are CPUs. */
type PerCpuValue = (topology: Topology, cpu: number) => number | readonly number[];

const perCpuValues: Readonly<Record<string, PerCpuValue>> = {
  cpu_number: (_, cpu) => cpu,
  numa_node: (topology, cpu) => topology.nodeOf[cpu] ?? 0,
  sd_llc_id: (topology, cpu) => topology.llcOf[cpu] ?? 0,
  sd_share_id: (topology, cpu) => topology.llcOf[cpu] ?? 0,
  sd_llc_size: (topology, cpu) => same(topology.llcOf, cpu).length,
  cpu_scale: (topology, cpu) => topology.capacityOf[cpu] ?? CAPACITY_MAX,
  arch_freq_scale: () => CAPACITY_MAX,
  x86_cpu_to_apicid: (_, cpu) => cpu,
  cpu_sibling_map: (topology, cpu) => same(topology.coreOf, cpu),
  cpu_core_map: (topology, cpu) => same(topology.nodeOf, cpu),
  cpu_die_map: (topology, cpu) => same(topology.nodeOf, cpu),
  cpu_llc_shared_map: (topology, cpu) => same(topology.llcOf, cpu),
  cpu_l2c_shared_map: (topology, cpu) => same(topology.coreOf, cpu),
};

function same(group: readonly number[], cpu: number): number[] {
  return group.flatMap((value, other) => (value === group[cpu] ? [other] : []));
}

export class Cpus {
  readonly count: number;
  readonly topology: Topology;
  readonly #memory: SandboxMemory;
  readonly #rq: Slots<"rq">;
  readonly #base: number;
  /** Bytes from one CPU's copy to the next. */
  readonly #stride: number;
  readonly #offsets = new Map<string, number>();
  /** Per-CPU variables of the kernel that read as zeros because nobody models them. */
  readonly unmodelled = new Set<string>();

  constructor(
    memory: SandboxMemory,
    layout: Layout,
    masks: Cpumasks,
    topology: Topology,
    ksyms: readonly Ksym[],
  ) {
    this.count = masks.cpus;
    this.topology = topology;
    this.#memory = memory;
    this.#rq = slotsOf(layout, "rq");
    let size = 0;
    const place = (name: string, bytes: number): void => {
      if (this.#offsets.has(name)) return;
      this.#offsets.set(name, size);
      size = alignUp(size + bytes, 64);
    };
    place("runqueues", layout.size("rq", 64));
    const variables = ksyms.filter((ksym) => ksym.present && ksym.kind === "variable");
    for (const ksym of variables) if (ksym.perCpu) place(ksym.name, Math.max(ksym.size, 8));
    this.#stride = size;
    this.#base = memory.allocate(size * this.count, "read", "per-CPU variables of the kernel");
    for (let cpu = 0; cpu < this.count; cpu += 1) this.#fillRq(cpu);
    for (const ksym of variables) if (ksym.perCpu) this.#fill(ksym, masks);
  }

  #fillRq(cpu: number): void {
    const rq = this.rq(cpu);
    store(this.#memory, rq, this.#rq.cpu, cpu);
    store(this.#memory, rq, this.#rq.online, 1);
    store(this.#memory, rq, this.#rq.capacity, this.topology.capacityOf[cpu] ?? CAPACITY_MAX);
    store(this.#memory, rq, this.#rq.scxFlags, SCX_RQ_ONLINE);
  }

  #fill(ksym: Ksym, masks: Cpumasks): void {
    if (ksym.name === "runqueues") return;
    const value = perCpuValues[ksym.name];
    if (!value) {
      this.unmodelled.add(ksym.name);
      return;
    }
    for (let cpu = 0; cpu < this.count; cpu += 1) {
      const at = this.onCpu(this.variable(ksym.name), cpu);
      const content = value(this.topology, cpu);
      if (typeof content === "number") {
        const size = Math.min(ksym.size, 8);
        store(this.#memory, at, { offset: 0, size, shift: 0, bits: 0 }, content);
      } else if (ksym.size === 8) {
        const mask = masks.create(`${ksym.name} of CPU ${cpu}`, "read", content);
        this.#memory.view.setUint32(at, mask, true);
      } else {
        masks.fill(at, content);
      }
    }
  }

  /** Address of a per-CPU variable as programs hold it: CPU 0's copy. */
  variable(name: string): number {
    const offset = this.#offsets.get(name);
    return offset === undefined ? 0 : this.#base + offset;
  }

  /** A pointer into the per-CPU area, moved to a CPU; 0 where it is none or the CPU doesn't exist. */
  onCpu(address: number, cpu: number): number {
    if (address < this.#base || address >= this.#base + this.#stride) return 0;
    return cpu >= 0 && cpu < this.count ? address + cpu * this.#stride : 0;
  }

  /** The first variable of the area. 0 where the CPU doesn't exist. */
  rq(cpu: number): number {
    return this.onCpu(this.#base, cpu);
  }

  setIdle(cpu: number, idleTask: number): void {
    store(this.#memory, this.rq(cpu), this.#rq.idle, idleTask);
    store(this.#memory, this.rq(cpu), this.#rq.current, idleTask);
  }

  setCurrent(cpu: number, task: number, runnable: number): void {
    const rq = this.rq(cpu);
    if (rq === 0) return;
    store(this.#memory, rq, this.#rq.current, task);
    store(this.#memory, rq, this.#rq.running, runnable);
    store(this.#memory, rq, this.#rq.scxRunning, runnable);
  }
}
