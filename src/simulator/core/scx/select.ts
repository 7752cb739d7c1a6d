// select_task_rq_scx: which CPU a waking task belongs to, and whether that already dispatches it
// (kernel/sched/ext/ext.c, 7.2).

import { dsqBuiltinBit, dsqLocalLow } from "../dsq.ts";
import type { Task } from "../task.ts";
import { lock, unlock } from "./enqueue.ts";
import { scxError } from "./exit.ts";
import { selectCpuDefault } from "./idle.ts";
import type { Scx } from "./scx.ts";

/** Asked only for tasks that may run on more than one CPU; never for exec. */
export function selectTaskCpu(
  scx: Scx,
  task: Task,
  previousCpu: number,
  wakeFlags: number,
): number {
  if (!scx.has.select_cpu || scx.bypassing) {
    // The default pick dispatches at once: enqueue is not asked while a CPU idles.
    const cpu = selectCpuDefault(scx, task.allowed.bits, previousCpu, wakeFlags, 0);
    if (cpu < 0) return previousCpu;
    scx.state.setSlice(task.id, scx.sliceDefaultNs);
    task.directSet = true;
    task.directLow = dsqLocalLow;
    task.directHigh = dsqBuiltinBit;
    task.directFlags = 0;
    task.directByVtime = false;
    return cpu;
  }
  scx.entering("select_cpu", task.id, scx.machine.thisCpu);
  const locked = lock(scx, -1, task);
  scx.directTask = task;
  scx.directSpoilt = false;
  scx.inSelectCpu = true;
  const cpu = scx.ops.selectCpu(task.id, previousCpu, wakeFlags);
  scx.inSelectCpu = false;
  scx.directTask = null;
  scx.directSpoilt = false;
  unlock(scx, locked);
  scx.closeCursors();
  if (cpu >= 0 && cpu < scx.machine.cpus.length) return cpu;
  scxError(scx, `invalid CPU ${cpu} from ops.select_cpu()`);
  return previousCpu;
}
