// The tasks that are on every Linux machine beside the workload: kernel threads and daemons, by their
// names, each with a little to do. An option of scenarios; part of the family ordinary-names.

import { around, ms, sleeper, us } from "./family.ts";
import type { TaskSpec } from "./scenario.ts";

/** Per-CPU kernel threads of each of the first CPUs only: their number must not drown the rest. */
const perCpuMax = 8;

export function systemTasks(cpus: number): TaskSpec[] {
  const kernel = (comm: string, runNs: number, sleepNs: number, rest: Partial<TaskSpec> = {}) =>
    sleeper("system", around(runNs), around(sleepNs), {
      comm,
      kernelThread: true,
      background: true,
      ...rest,
    });
  const daemon = (comm: string, runNs: number, sleepNs: number) =>
    sleeper("system", around(runNs), around(sleepNs), { comm, background: true });
  const tasks = [
    kernel("rcu_preempt", us(10), ms(10)),
    kernel("kcompactd0", us(50), ms(500)),
    kernel("kswapd0", us(100), ms(400)),
    kernel("kworker/u8:2-ev", us(60), ms(60)),
    kernel("jbd2/vda1-8", us(80), ms(300)),
    kernel("khungtaskd", us(20), ms(900)),
    daemon("systemd", us(200), ms(300)),
    daemon("systemd-journal", us(150), ms(120)),
    daemon("dbus-daemon", us(80), ms(150)),
    daemon("sshd", us(100), ms(250)),
    daemon("cron", us(50), ms(700)),
  ];
  for (let cpu = 0; cpu < Math.min(cpus, perCpuMax); cpu += 1) {
    tasks.push(
      kernel(`ksoftirqd/${cpu}`, us(20), ms(50), { cpus: [cpu] }),
      kernel(`kworker/${cpu}:1-eve`, us(40), ms(40), { cpus: [cpu] }),
      kernel(`kworker/${cpu}:0H`, us(30), ms(200), { cpus: [cpu], nice: -20 }),
    );
  }
  return tasks;
}

/**
 * The least of the kernel's own work on every CPU (workqueues, RCU, vmstat): after it an idle CPU looks at
 * the queues, whoever forgot to wake it.
 */
export function housekeeping(cpus: number): TaskSpec[] {
  return Array.from({ length: cpus }, (_, cpu) =>
    sleeper("system", around(us(20)), around(ms(100)), {
      comm: `kworker/${cpu}:1-eve`,
      ...{ kernelThread: true, background: true, cpus: [cpu] },
    }),
  );
}
