// The way in: runs one scenario under a sched_ext policy or under the default scheduler's model.
// Deterministic: the same request gives the same summary and the same calls to the observer.

import * as fair from "../baseline/fair.ts";
import { baseSliceNs } from "../baseline/fair-entity.ts";
import { runMachine } from "./event-loop.ts";
import { Machine } from "./machine.ts";
import { defaultRunLimits, type RunRequest, type RunSummary } from "./run-summary.ts";
import { disablePolicy, enablePolicy, unregister } from "./scx/enable.ts";
import { KernelCalls } from "./scx/kernel-calls.ts";
import { PlainState } from "./scx/plain-state.ts";
import { Scx } from "./scx/scx.ts";
import { Starts } from "./starts.ts";
import type { Task } from "./task.ts";

/** Throws SimulatorLimit where a limit of `limits` or the machine's guard against loops is reached. */
export function simulateScenario(request: RunRequest): RunSummary {
  const { machine, starts, scx } = prepareRun(request);
  starts.startExisting();
  runMachine(machine, starts);
  return endRun(machine, scx);
}

/** A machine with the policy loaded, nothing run yet. The core's own tests step it themselves. */
export function prepareRun(request: RunRequest): {
  machine: Machine;
  starts: Starts;
  scx: Scx | null;
} {
  const { scenario, policy, state } = request;
  const machine = new Machine(
    scenario,
    request.limits ?? defaultRunLimits,
    request.observer ?? {},
    policy === null ? null : state,
  );
  fair.prepare(machine, baseSliceNs(machine.topology.cpus));
  const scx = policy === null ? null : new Scx(machine, policy, state ?? new PlainState());
  machine.scx = scx;
  const starts = new Starts(machine);
  if (scx !== null) {
    request.attach?.(new KernelCalls(scx));
    enablePolicy(scx);
    if (scx.exit !== null && !scx.enabled) disablePolicy(scx);
  }
  return { machine, starts, scx };
}

/** Takes the policy out and adds up. */
export function endRun(machine: Machine, scx: Scx | null): RunSummary {
  if (machine.scx !== null && scx !== null) {
    // Still loaded: what it did wrong in its last moments counts; otherwise its loader takes it out.
    const left = scx.exit !== null;
    for (const task of machine.tasks) endWait(machine, task);
    unregister(scx);
    if (!left) scx.exit = null;
  }
  return summarise(machine, scx);
}

/** A wait that has not ended counts as far as it went. */
function endWait(machine: Machine, task: Task): void {
  if (task.waitingSinceNs < 0) return;
  const waited = machine.now - task.waitingSinceNs;
  task.waitingSinceNs = -1;
  task.waitedNs += waited;
  task.waitedMaxNs = Math.max(task.waitedMaxNs, waited);
}

function summarise(machine: Machine, scx: Scx | null): RunSummary {
  for (const task of machine.tasks) endWait(machine, task);
  const finished = machine.foregroundLeft === 0;
  return {
    endNs: machine.now,
    exit: scx?.exit ?? null,
    exitNs: scx === null || scx.exit === null ? -1 : scx.exitNs,
    makespanNs: finished ? machine.foregroundEndNs : machine.now,
    finished,
    events: machine.events,
    dispatchRounds: machine.dispatchRounds,
    forksFailed: machine.forksFailed,
    tasks: machine.tasks.map((task) => ({
      spec: task.spec,
      instance: task.instance,
      pid: task.pid,
      startedNs: task.startedNs,
      exitedNs: task.exitedNs,
      ranNs: task.ranNs,
      waitedNs: task.waitedNs,
      waitedMaxNs: task.waitedMaxNs,
      runs: task.runs,
      migrations: task.migrations,
    })),
    cpus: machine.cpus.map((cpu) => ({
      busyNs: cpu.busyNs,
      idleNs: cpu.idleNs,
      overheadNs: cpu.overheadNs,
      realtimeNs: cpu.realtimeNs,
      offlineNs: cpu.offlineNs,
      switches: cpu.switches,
    })),
  };
}
