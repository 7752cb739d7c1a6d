// What a look-up was asked with, where that decides whether it finds anything: the key of a map, or the number of
// a task. NULL is no failure of the machine's then, but a condition like any other. Called by rules and data-flow.ts.

import { isChance } from "./foreign.ts";
import { isClock } from "./moments.ts";
import type { Origins } from "./origins.ts";

export interface AskedKey {
  /** The map's name, or the kfunc's. */
  readonly place: string;
  readonly source: string;
}

export function askedKeys(origins: Origins): AskedKey[] {
  const found: AskedKey[] = [];
  for (const text of origins.keys()) {
    if (!text.startsWith("key:")) continue;
    const at = text.indexOf("|");
    found.push({ place: text.slice(4, at), source: text.slice(at + 1) });
  }
  return found;
}

/** Numbers of CPUs, and what loops and knobs say: of these an array has all that it needs. */
export function isOrdinaryIndex(source: string): boolean {
  return (
    /^(knob|iter|kconfig|lookup|storage|key|index|many)(:|$)/.test(source) ||
    /^arg:\w+\.(prev_)?cpu$|^call:(scx_bpf_(task_cpu|select_cpu|pick|nr_cpu_ids|nr_node_ids|cpu_node)|bpf_get_smp_processor_id|bpf_cpumask_|bpf_get_numa_node_id|__scx_bpf_select)|^field:task_struct\.(thread_info\.cpu|wake_cpu|recent_used_cpu)$|^field:scx_cpu_\w+/.test(
      source,
    )
  );
}

/** What changes by itself: an array asked with it finds nothing from some moment on. */
export function isDrifting(source: string): boolean {
  return isClock(source) || isChance(source) || source.startsWith("elapsed:");
}
