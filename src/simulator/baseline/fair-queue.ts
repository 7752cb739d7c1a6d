// One queue of the default scheduler (struct cfs_rq): average virtual time, eligibility, the tree by
// deadline, and the pick (avg_vruntime, entity_eligible, entity_lag, place_entity, pick_eevdf,
// set_protect_slice of kernel/sched/fair.c, 7.2). All slices are the base slice: nobody sets another one.
//
// Sums are exact: virtual times are whole and kept near `zeroV`, so products stay below 2^53 except with
// ten thousands of entities of extreme weights, where they are rounded.

import { tickNs } from "../core/constants.ts";
import { mix } from "../core/random.ts";
import { type FairEntity, virtualNs } from "./fair-entity.ts";

export class FairQueue {
  readonly cpu: number;
  readonly cgroup: number;
  readonly sliceNs: number;
  /** What stands for this queue in its parent's; null for a CPU's root. */
  entity: FairEntity | null = null;
  current: FairEntity | null = null;
  queued = 0;
  /** Weights of all that is queued, the current one included (cfs_rq->load). */
  load = 0;
  /** Over the tree, so without the current one: Σw and Σw(v − zeroV). */
  sumWeight = 0;
  sumWeightedV = 0;
  zeroV = 0;
  root: FairEntity | null = null;
  #insertions = 0;

  constructor(cpu: number, cgroup: number, sliceNs: number) {
    this.cpu = cpu;
    this.cgroup = cgroup;
    this.sliceNs = sliceNs;
  }

  /** avg_vruntime: the point of zero lag; moves `zeroV` there. */
  averageV(): number {
    let weight = this.sumWeight;
    let weighted = this.sumWeightedV;
    const current = this.current;
    if (current?.onRq) {
      weight += current.weight;
      weighted += (current.vruntime - this.zeroV) * current.weight;
    }
    if (weight === 0) return this.zeroV;
    const delta = Math.floor(weighted / weight);
    if (delta !== 0) {
      this.sumWeightedV -= this.sumWeight * delta;
      this.zeroV += delta;
    }
    return this.zeroV;
  }

  /** vruntime_eligible. */
  eligibleV(vruntime: number): boolean {
    let weight = this.sumWeight;
    let weighted = this.sumWeightedV;
    const current = this.current;
    if (current?.onRq) {
      weight += current.weight;
      weighted += (current.vruntime - this.zeroV) * current.weight;
    }
    return weighted >= (vruntime - this.zeroV) * weight;
  }

  /** entity_lag: clamped to a slice and a tick of the entity's virtual time. */
  lagOf(entity: FairEntity): number {
    const limit = virtualNs(this.sliceNs + tickNs, entity.weight);
    const lag = this.averageV() - entity.vruntime;
    return Math.max(-limit, Math.min(limit, lag));
  }

  /** place_entity: with the lag that it left with, so that it changes the average as little as it can. */
  place(entity: FairEntity, initial: boolean): void {
    const average = this.averageV();
    let lag = 0;
    if (this.queued > 0 && entity.vlag !== 0) {
      const current = this.current;
      const weight = this.sumWeight + (current?.onRq ? current.weight : 0);
      lag = Math.trunc((entity.vlag * (weight + entity.weight)) / Math.max(weight, 1));
    }
    entity.vruntime = average - lag;
    if (entity.relativeDeadline) {
      entity.deadline += entity.vruntime;
      entity.relativeDeadline = false;
      return;
    }
    let slice = virtualNs(this.sliceNs, entity.weight);
    // PLACE_DEADLINE_INITIAL: newcomers start with half a slice.
    if (initial) slice = Math.floor(slice / 2);
    entity.deadline = entity.vruntime + slice;
  }

  /** pick_eevdf: of those with lag ≥ 0 the earliest deadline, in O(log n). */
  pick(protect: boolean): FairEntity | null {
    let current = this.current;
    if (this.queued === 1) return current?.onRq ? current : this.root;
    if (current !== null && !(current.onRq && this.eligibleV(current.vruntime))) current = null;
    if (current !== null && protect && current.vruntime < current.vprot) return current;
    let best: FairEntity | null = null;
    let node = this.root;
    while (node !== null) {
      const left = node.left;
      if (left !== null && this.eligibleV(left.minVruntime)) {
        node = left;
        continue;
      }
      if (this.eligibleV(node.vruntime)) {
        best = node;
        break;
      }
      node = node.right;
    }
    if (best === null || (current !== null && current.deadline < best.deadline)) {
      return current ?? best ?? this.root;
    }
    return best;
  }

  // The tree: a treap by deadline, each node knowing the least vruntime below it.

  insert(entity: FairEntity): void {
    this.sumWeight += entity.weight;
    this.sumWeightedV += (entity.vruntime - this.zeroV) * entity.weight;
    let up: FairEntity | null = null;
    let below = this.root;
    let left = false;
    while (below !== null) {
      up = below;
      if (entity.vruntime < below.minVruntime) below.minVruntime = entity.vruntime;
      left = entity.deadline < below.deadline;
      below = left ? below.left : below.right;
    }
    entity.left = null;
    entity.right = null;
    entity.up = up;
    entity.minVruntime = entity.vruntime;
    this.#insertions = (this.#insertions + 1) | 0;
    entity.priority = mix(this.#insertions ^ Math.imul(this.cpu + 1, 0x01000193));
    if (up === null) this.root = entity;
    else if (left) up.left = entity;
    else up.right = entity;
    while (entity.up !== null && entity.up.priority < entity.priority) this.#rotateUp(entity);
  }

  remove(entity: FairEntity): void {
    this.sumWeight -= entity.weight;
    this.sumWeightedV -= (entity.vruntime - this.zeroV) * entity.weight;
    for (;;) {
      const { left, right } = entity;
      if (left === null || right === null) {
        this.#replace(entity, left ?? right);
        break;
      }
      this.#rotateUp(left.priority > right.priority ? left : right);
    }
    for (let node = entity.up; node !== null; node = node.up) {
      const before = node.minVruntime;
      refresh(node);
      if (node.minVruntime === before) break;
    }
    entity.left = null;
    entity.right = null;
    entity.up = null;
    if (this.root === null) {
      this.sumWeight = 0;
      this.sumWeightedV = 0;
    }
  }

  #replace(entity: FairEntity, child: FairEntity | null): void {
    const up = entity.up;
    if (up === null) this.root = child;
    else if (up.left === entity) up.left = child;
    else up.right = child;
    if (child !== null) child.up = up;
  }

  #rotateUp(entity: FairEntity): void {
    const up = entity.up as FairEntity;
    const fromLeft = up.left === entity;
    this.#replace(up, entity);
    if (fromLeft) {
      up.left = entity.right;
      if (entity.right !== null) entity.right.up = up;
      entity.right = up;
    } else {
      up.right = entity.left;
      if (entity.left !== null) entity.left.up = up;
      entity.left = up;
    }
    up.up = entity;
    entity.minVruntime = up.minVruntime;
    refresh(up);
    refresh(entity);
  }
}

function refresh(node: FairEntity): void {
  let least = node.vruntime;
  if (node.left !== null && node.left.minVruntime < least) least = node.left.minVruntime;
  if (node.right !== null && node.right.minVruntime < least) least = node.right.minVruntime;
  node.minVruntime = least;
}
