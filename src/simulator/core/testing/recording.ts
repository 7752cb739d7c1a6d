// Observers for tests: the sequence of ops as text, and a watcher that checks the machine's invariants
// while it runs.

import type { Observer } from "../observer.ts";

/** "enqueue(0)" and the like in order; update_idle and the ops of set-up and end are left out. */
export function recordOps(): { observer: Observer; ops: string[] } {
  const ops: string[] = [];
  const skipped = new Set(["init", "exit", "init_task", "enable", "exit_task", "update_idle"]);
  const observer: Observer = {
    callback: (_now, op, task, cpu) => {
      if (skipped.has(op)) return;
      ops.push(op === "dispatch" ? `dispatch(cpu ${cpu}, ${task})` : `${op}(${task})`);
    },
  };
  return { observer, ops };
}

/**
 * Every runnable task is in exactly one place, no task on two CPUs, no CPU with two tasks, time never goes
 * back, tasks run only where they may.
 */
export function invariantObserver(): Observer {
  let last = 0;
  const runs = new Map<number, number>();
  const onCpu = new Map<number, number>();
  const wants = new Set<number>();
  const allowed = new Map<number, readonly number[]>();
  const at = (now: number): void => {
    holds(now >= last);
    last = now;
  };
  return {
    taskStarted: (now, task, start) => {
      at(now);
      allowed.set(task, start.cpus);
    },
    affinityChanged: (_now, task, cpus) => {
      allowed.set(task, cpus);
    },
    woken: (now, task) => {
      at(now);
      holds(!wants.has(task));
      wants.add(task);
    },
    running: (now, task, cpu) => {
      at(now);
      holds(wants.has(task));
      holds(!runs.has(task));
      holds(!onCpu.has(cpu));
      holds(allowed.get(task)?.includes(cpu) === true);
      runs.set(task, cpu);
      onCpu.set(cpu, task);
    },
    stopped: (now, task, cpu, runnable) => {
      at(now);
      holds(runs.get(task) === cpu);
      runs.delete(task);
      onCpu.delete(cpu);
      if (!runnable) wants.delete(task);
    },
    queued: at,
    idle: (now, cpu) => {
      at(now);
      holds(!onCpu.has(cpu));
    },
  };
}

/** expect() is too slow for something that is asked for at every event. */
function holds(condition: boolean): void {
  if (!condition) throw new Error("an invariant of the machine is broken");
}
