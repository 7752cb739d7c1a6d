// Where a policy can learn how much CPU time a task is due: scx.weight and what it is made from
// (set_load_weight(), scx_set_task_state()), nice levels, and the weights of cgroups.

import { type Direction, direction, type Origins } from "./origins.ts";

/** Sources that grow with the share that a task is due. */
const heavier =
  /^(field:(task_struct\.(scx\.weight|se\.load\.\w+|rt_priority)|scx_cgroup_init_args\.weight|task_group\.(shares|scx\.weight))|arg:(set_weight|cgroup_set_weight)\.weight)$/;
/** Priorities: smaller numbers are more. */
const lighter = /^field:task_struct\.(static_prio|prio|normal_prio)$/;

export function isWeight(source: string): boolean {
  return heavier.test(source) || lighter.test(source);
}

/** Which way a value moves as the weight grows; null: it doesn't depend on it. */
export function byWeight(origins: Origins): Direction | null {
  let found: Direction | null = null;
  for (const [source, way] of origins) {
    if (!isWeight(source)) continue;
    const turned =
      lighter.test(source) && way !== direction.control ? ((0 - way) as Direction) : way;
    if (found !== null && found !== turned) return direction.unknown;
    found = turned;
  }
  return found;
}
