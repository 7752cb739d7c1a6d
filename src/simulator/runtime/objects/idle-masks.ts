// The masks behind scx_bpf_get_idle_cpumask() and its kin. In the kernel they are live; here they are
// brought up to date whenever a program asks for one and whenever it takes an idle CPU while it holds one.

import type { Kernel } from "../../core/kernel.ts";
import type { SandboxMemory } from "../../machine/memory.ts";
import type { Topology } from "../../scenario/scenario.ts";
import type { Cpumasks } from "./cpumasks.ts";

/** Per node, and last the whole machine. */
interface IdlePair {
  cpu: number;
  smt: number;
  members: readonly number[];
}

export class IdleMasks {
  readonly #masks: Cpumasks;
  readonly #pairs: IdlePair[] = [];
  readonly possible: number;
  readonly online: number;
  readonly none: number;
  #held = 0;

  constructor(memory: SandboxMemory, masks: Cpumasks, topology: Topology) {
    this.#masks = masks;
    const every = Array.from({ length: masks.cpus }, (_, cpu) => cpu);
    const nodes = Math.max(0, ...topology.nodeOf) + 1;
    const make = (members: readonly number[], of: string): IdlePair => ({
      cpu: masks.create(`idle CPUs of ${of}`, "read", []),
      smt: masks.create(`idle cores of ${of}`, "read", []),
      members,
    });
    for (let node = 0; node < nodes; node += 1)
      this.#pairs.push(
        make(
          every.filter((cpu) => (topology.nodeOf[cpu] ?? 0) === node),
          `node ${node}`,
        ),
      );
    this.#pairs.push(make(every, "the machine"));
    this.possible = masks.create("possible CPUs", "read", every);
    this.online = masks.create("online CPUs", "read", every);
    this.none = memory.allocate(masks.bytes, "read", "the empty cpumask");
  }

  get nodes(): number {
    return this.#pairs.length - 1;
  }

  /** `node` -1: the whole machine. */
  acquire(kernel: Kernel, kind: "cpu" | "smt", node: number): number {
    this.#held += 1;
    const pair = this.#pairs[node < 0 ? this.#pairs.length - 1 : node];
    if (!pair) return this.none;
    this.#bring(kernel, pair);
    return pair[kind];
  }

  release(): void {
    if (this.#held > 0) this.#held -= 1;
  }

  /** After a program took an idle CPU. */
  refresh(kernel: Kernel): void {
    if (this.#held === 0) return;
    for (const pair of this.#pairs) this.#bring(kernel, pair);
  }

  refreshOnline(kernel: Kernel): number {
    this.#masks.clear(this.online);
    for (let cpu = 0; cpu < this.#masks.cpus; cpu += 1)
      if (kernel.isOnline(cpu)) this.#masks.add(this.online, cpu);
    return this.online;
  }

  #bring(kernel: Kernel, pair: IdlePair): void {
    this.#masks.clear(pair.cpu);
    this.#masks.clear(pair.smt);
    for (const cpu of pair.members) {
      if (!kernel.isIdle(cpu)) continue;
      this.#masks.add(pair.cpu, cpu);
      if (kernel.isCoreIdle(cpu)) this.#masks.add(pair.smt, cpu);
    }
  }
}
