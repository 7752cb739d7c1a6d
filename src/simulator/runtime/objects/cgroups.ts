// The cgroups that a policy sees: cgroup, kernfs_node, css_set, task_group and their links, one set for
// each cgroup of the scenario. They never come or go during a run, so references are not counted.

import type { SandboxMemory } from "../../machine/memory.ts";
import type { CgroupSpec } from "../../scenario/scenario.ts";
import { type Layout, store } from "./layout.ts";

/** The id of the root cgroup in the kernel is 1; here the others follow in their order. */
const ROOT_ID = 1;
const LOAD_SCALE = 1024;

interface CgroupAddresses {
  cgroup: number;
  cssSet: number;
  taskGroup: number;
}

export class Cgroups {
  readonly #specs: readonly CgroupSpec[];
  readonly #all: CgroupAddresses[] = [];
  readonly #byCgroup = new Map<number, number>();
  readonly #byCss = new Map<number, number>();
  readonly #levels: number[] = [];
  readonly #weights: number[];
  readonly #memory: SandboxMemory;
  readonly #layout: Layout;
  readonly #selfCss: number;

  constructor(memory: SandboxMemory, layout: Layout, specs: readonly CgroupSpec[]) {
    this.#memory = memory;
    this.#layout = layout;
    this.#specs = specs.length > 0 ? specs : [{ name: "", parent: null, weight: 100 }];
    this.#weights = this.#specs.map((spec) => spec.weight);
    this.#selfCss = Math.max(layout.slot("cgroup", "self").offset, 0);
    this.#specs.forEach((spec, index) => {
      this.#make(index, spec);
    });
  }

  #make(index: number, spec: CgroupSpec): void {
    const { view, bytes } = this.#memory;
    const layout = this.#layout;
    const parent = spec.parent === null ? null : this.#all[spec.parent];
    const level = spec.parent === null ? 0 : (this.#levels[spec.parent] ?? 0) + 1;
    this.#levels[index] = level;
    const label = `of cgroup ${spec.name || "/"}`;
    // The ancestors are a flexible array at the end.
    const size = layout.size("cgroup", 64) + 8 * (level + 1);
    const cgroup = this.#memory.allocate(size, "read", `cgroup ${spec.name || "/"}`);
    const node = this.#memory.allocate(
      layout.size("kernfs_node", 32),
      "read",
      `kernfs_node ${label}`,
    );
    const cssSet = this.#memory.allocate(layout.size("css_set", 64), "read", `css_set ${label}`);
    const taskGroup = this.#memory.allocate(
      layout.size("task_group", 64),
      "read",
      `task_group ${label}`,
    );
    const text = Buffer.from(`${spec.name}\0`, "utf8");
    const name = this.#memory.allocate(text.length, "read", `name ${label}`);
    bytes.set(text, name);
    store(this.#memory, node, layout.slot("kernfs_node", "id"), this.idOf(index));
    store(this.#memory, node, layout.slot("kernfs_node", "name"), name);
    store(this.#memory, cgroup, layout.slot("cgroup", "kn"), node);
    store(this.#memory, cgroup, layout.slot("cgroup", "level"), level);
    store(this.#memory, cgroup, layout.slot("cgroup", "dom_cgrp"), cgroup);
    const cpu = layout.enumerator("cgroup_subsys_id", "cpu_cgrp_id");
    if (cpu !== null) {
      for (const [structure, address] of [
        ["cgroup", cgroup],
        ["css_set", cssSet],
      ] as const) {
        const { offset } = layout.slot(structure, "subsys");
        if (offset >= 0) view.setUint32(address + offset + 8 * cpu, taskGroup, true);
      }
    }
    const css = layout.slot("cgroup_subsys_state", "cgroup");
    store(this.#memory, cgroup + this.#selfCss, css, cgroup);
    store(this.#memory, taskGroup, css, cgroup);
    store(this.#memory, cssSet, layout.slot("css_set", "dfl_cgrp"), cgroup);
    store(this.#memory, cssSet, layout.slot("css_set", "dom_cset"), cssSet);
    if (parent) {
      const above = layout.slot("cgroup_subsys_state", "parent");
      store(this.#memory, cgroup + this.#selfCss, above, parent.cgroup + this.#selfCss);
      store(this.#memory, taskGroup, above, parent.taskGroup);
      store(this.#memory, taskGroup, layout.slot("task_group", "parent"), parent.taskGroup);
    }
    this.#all.push({ cgroup, cssSet, taskGroup });
    this.#byCgroup.set(cgroup, index);
    this.#byCss.set(cgroup + this.#selfCss, index);
    this.#byCss.set(taskGroup, index);
    const ancestors = layout.slot("cgroup", "ancestors").offset;
    if (ancestors >= 0)
      for (let above = 0; above <= level; above += 1)
        view.setUint32(
          cgroup + ancestors + 8 * above,
          this.addressOf(this.ancestor(index, above)),
          true,
        );
    this.setWeight(index, spec.weight);
  }

  get count(): number {
    return this.#all.length;
  }

  /** cgroup.kn.id. */
  idOf(index: number): number {
    return ROOT_ID + index;
  }

  /** -1 where there is none. */
  byId(id: number): number {
    const index = id - ROOT_ID;
    return index >= 0 && index < this.#all.length ? index : -1;
  }

  addressOf(index: number): number {
    return this.#all[index]?.cgroup ?? 0;
  }

  cssOf(index: number): number {
    return this.addressOf(index) + this.#selfCss;
  }

  /** Addresses that a task in it points to. */
  memberLinks(index: number): { cssSet: number; taskGroup: number } {
    return this.#all[index] ?? { cssSet: 0, taskGroup: 0 };
  }

  /** -1 where no cgroup starts there. */
  indexAt(address: number): number {
    return this.#byCgroup.get(address) ?? -1;
  }

  /** Of a cgroup's own or its CPU controller's state; -1. */
  indexOfCss(address: number): number {
    return this.#byCss.get(address) ?? -1;
  }

  level(index: number): number {
    return this.#levels[index] ?? 0;
  }

  parent(index: number): number {
    return this.#specs[index]?.parent ?? -1;
  }

  /** The ancestor at that level, itself at its own; -1 where there is none. */
  ancestor(index: number, level: number): number {
    if (level < 0 || level > this.level(index)) return -1;
    let at = index;
    while (this.level(at) > level) at = this.parent(at);
    return at;
  }

  /** cpu.weight: tg->shares is weight × 1024 / 100, scaled (sched_weight_from_cgroup). */
  setWeight(index: number, weight: number): void {
    const group = this.#all[index];
    if (!group) return;
    this.#weights[index] = weight;
    const shares = Math.round((weight * LOAD_SCALE) / 100) * LOAD_SCALE;
    store(this.#memory, group.taskGroup, this.#layout.slot("task_group", "shares"), shares);
    store(this.#memory, group.taskGroup, this.#layout.slot("task_group", "scx.weight"), weight);
  }

  weight(index: number): number {
    return this.#weights[index] ?? 100;
  }
}
