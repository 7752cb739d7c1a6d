// scx_bpf_kick_cpu: asked for in an op, carried out when the run queue is unlocked (scx_kick_cpu,
// kick_cpus_irq_workfn, kick_one_cpu, kick_one_cpu_if_idle of kernel/sched/ext/ext.c, 7.2).

import { reschedIpiNs } from "../constants.ts";
import { type Cpu, cpuMode } from "../cpu.ts";
import { kick } from "../flags.ts";
import { reschedAfter, reschedCurrent } from "../resched.ts";
import { taskClass } from "../task.ts";
import { scxError } from "./exit.ts";
import type { Scx } from "./scx.ts";

const requested = 128;

/** scx_kick_cpu. */
export function requestKick(scx: Scx, target: number, flags: number): void {
  if (scx.bypassing || scx.disabled) return;
  const machine = scx.machine;
  const from = machine.cpu(machine.thisCpu);
  const cpu = machine.cpu(target);
  if ((flags & kick.idle) !== 0) {
    if ((flags & (kick.preempt | kick.wait)) !== 0) {
      scxError(scx, "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE");
    }
    // For the own CPU the kernel can't tell yet: its run queue is locked (raw_spin_rq_trylock fails), and
    // it may be about to go idle. carryOutKicks() looks again.
    if (cpu !== from && skipsIdleKick(cpu)) return;
  }
  const before = from.kickFlags[target] as number;
  if (before === 0) from.kicked.push(target);
  from.kickFlags[target] = before | requested | flags | ((flags & kick.idle) === 0 ? plain : 0);
}

/** A kick that is not only for an idle CPU. */
const plain = 64;

/** can_skip_idle_kick: the CPU goes through a scheduling cycle before it idles anyway. */
function skipsIdleKick(cpu: Cpu): boolean {
  return cpu.mode !== cpuMode.idle && !cpu.inBalance;
}

/** kick_cpus_irq_workfn, on the CPU that asked. */
export function carryOutKicks(scx: Scx, from: Cpu): void {
  if (from.kicked.length === 0) return;
  const targets = from.kicked;
  from.kicked = [];
  for (const target of targets.sort((a, b) => a - b)) {
    const flags = from.kickFlags[target] as number;
    from.kickFlags[target] = 0;
    const cpu = scx.machine.cpu(target);
    const { observer, now } = scx.machine;
    observer.kicked?.(now, target, (flags & kick.preempt) !== 0);
    if ((flags & plain) !== 0) kickOne(scx, cpu, from, flags);
    else if (!skipsIdleKick(cpu) && (cpu.online || cpu === from)) deliver(scx, cpu, from);
  }
}

function kickOne(scx: Scx, cpu: Cpu, from: Cpu, flags: number): void {
  // Higher classes can't be kicked.
  if (!cpu.online && cpu !== from) return;
  if (cpu.mode === cpuMode.realtime) return;
  const current = cpu.current;
  if (current !== null && current.class !== taskClass.ext) return;
  if ((flags & kick.preempt) !== 0 && current !== null) scx.state.setSlice(current.id, 0);
  deliver(scx, cpu, from);
  // kick_sync_wait_bal_cb: the asking CPU goes through schedule() itself and waits there until the
  // other one has; here as time that its task pays.
  if ((flags & kick.wait) !== 0 && current !== null && cpu !== from) {
    if (from.current !== null) from.current.debtNs += reschedIpiNs;
    reschedAfter(scx.machine, from, reschedIpiNs);
  }
}

function deliver(scx: Scx, cpu: Cpu, from: Cpu): void {
  // To itself: an interrupt as well, so that time passes and a policy can't kick a CPU for ever at once.
  if (cpu === from) reschedAfter(scx.machine, cpu, reschedIpiNs);
  else reschedCurrent(scx.machine, cpu);
}
