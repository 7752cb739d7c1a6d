// Sources that say nothing of what waits, nor of who is due: chance, and the machine's shape. Rules ask by them, and
// by identities.ts, whether a decision of a scheduler rests on what it should. Pure.

import { elapsedInOp, partOfClock } from "./moments.ts";

/** Random numbers, and bits of the clock. */
export function isChance(source: string): boolean {
  return source.startsWith("call:bpf_get_prandom") || source === partOfClock;
}

/** What one machine has and another has not, and how fast it is. */
export function isMachine(source: string): boolean {
  return (
    /^call:(scx_bpf_nr_node_ids|scx_bpf_nr_cpu_ids|bpf_get_numa_node_id|scx_bpf_cpuperf_(cap|cur)|scx_bpf_events)$/.test(
      source,
    ) ||
    /^(ksym:(?!runqueues$)|kconfig:|field:rq\.nr_switches$)/.test(source) ||
    source === elapsedInOp
  );
}
