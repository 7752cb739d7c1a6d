// Sources that tell what time it is: clocks, and the times that the kernel notes for tasks and CPUs. Pure; used by
// arithmetic.ts, time-sources.ts and rules.

import { dataSources, type Origins } from "./origins.ts";

const clocks =
  /^call:(scx_bpf_now|bpf_ktime_get(_boot|_coarse|_tai)?_ns|bpf_jiffies64|bpf_cpu_time_counter_to_ns|bpf_get_cpu_time_counter)$/;

/** Times that something happened at, in the units of some clock. */
const noted =
  /^field:(task_struct\.(se\.exec_start|scx\.runnable_at|start_time|start_boottime|sched_info\.last_(arrival|queued))|rq\.(clock|clock_task|clock_pelt|idle_stamp|tick_timestamp))$/;

/** Parts of a clock that change once in seconds, or less often. */
export const partOfClock = "part:clock";
/** How long ago something was that the kernel noted, and how long the op itself has taken. */
export const elapsed = "elapsed:since";
export const elapsedInOp = "elapsed:op";

export function isClockCall(source: string): boolean {
  return clocks.test(source);
}

export function isClock(source: string): boolean {
  return clocks.test(source) || /^ksym:jiffies(_64)?$/.test(source) || noted.test(source);
}

export function hasClock(origins: Origins): boolean {
  for (const source of origins.keys()) if (isClock(source)) return true;
  return false;
}

/** Whether it is a time and nothing else: no difference, and nothing of the policy's own. */
export function isTime(origins: Origins): boolean {
  const sources = dataSources(origins).filter((source) => !source.startsWith("knob:"));
  return sources.length > 0 && sources.every(isClock);
}
