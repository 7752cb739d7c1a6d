// A scenario from a recorded trace: each process runs and sleeps as it was seen to. Called by simulate.
//
// A trace tells who ran when, not why somebody did not run. A gap between two runs of a process is taken
// for waiting where every CPU of the recording was busy for at least nine tenths of it (the process was
// displaced: its runs are joined), else for sleep. That errs where a process slept while the machine was
// full; the profile of the same run bounds the error (voluntary switches).

import { SchedcpError } from "../../contract/errors.ts";
import type { Trace } from "../../contract/measurement.ts";
import { run, scenario, sleep, task } from "./family.ts";
import type { Scenario, Step, TaskSpec, Topology } from "./scenario.ts";

export interface TraceScenarioOptions {
  name: string;
  topology: Topology;
  seed: number;
  /** CPUs of the machine on which the trace was recorded. */
  recordedCpus: number;
}

const busyShare = 0.9;

interface Run {
  startUs: number;
  endUs: number;
}

/** Throws `workload-invalid` where the trace has nothing to replay. */
export function scenarioOfTrace(trace: Trace, options: TraceScenarioOptions): Scenario {
  const processes = new Map<number, { entry: number; runs: Run[] }>();
  for (const [, entry, pid, startUs, endUs] of trace.timeline) {
    if (!(endUs > startUs) || startUs < 0) continue;
    const known = processes.get(pid);
    if (known === undefined) processes.set(pid, { entry, runs: [{ startUs, endUs }] });
    else known.runs.push({ startUs, endUs });
  }
  if (processes.size === 0) {
    throw new SchedcpError("workload-invalid", "the trace has no runs to replay", {
      hint: "Record the workload again with a trace.",
    });
  }
  const full = new FullTimes(
    [...processes.values()].flatMap(({ runs }) => runs),
    options.recordedCpus,
  );
  const tasks = [...processes].map(([, { entry, runs }]): TaskSpec => {
    runs.sort((a, b) => a.startUs - b.startUs);
    const name = trace.entries[entry] ?? `entry-${entry}`;
    const startNs = Math.round((runs[0]?.startUs ?? 0) * 1000);
    return task(name, stepsOf(runs, full), { startNs });
  });
  return scenario({
    name: options.name,
    topology: options.topology,
    tasks,
    durationNs: Math.round((4 * trace.makespanMs + 1000) * 1e6),
    seed: options.seed,
  });
}

function stepsOf(runs: readonly Run[], full: FullTimes): Step[] {
  const steps: Step[] = [];
  let usedUs = 0;
  let end = -1;
  for (const { startUs, endUs } of runs) {
    const gapUs = end < 0 ? 0 : startUs - end;
    if (gapUs > 0 && full.shareBetween(end, startUs) < busyShare) {
      steps.push(run(Math.round(usedUs * 1000)), sleep(Math.round(gapUs * 1000)));
      usedUs = 0;
    }
    usedUs += endUs - startUs;
    end = Math.max(end, endUs);
  }
  steps.push(run(Math.round(usedUs * 1000)));
  return steps;
}

/** When every CPU was busy: a prefix sum over the instants at which the number of runs changes. */
class FullTimes {
  #atUs: number[] = [];
  #fullUs: number[] = [];
  #isFull: boolean[] = [];

  constructor(runs: readonly Run[], cpus: number) {
    const changes = runs.flatMap(({ startUs, endUs }): [number, number][] => [
      [startUs, 1],
      [endUs, -1],
    ]);
    changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    let busy = 0;
    let fullUs = 0;
    let last = 0;
    for (const [atUs, by] of changes) {
      if (busy >= cpus) fullUs += atUs - last;
      busy += by;
      last = atUs;
      this.#atUs.push(atUs);
      this.#fullUs.push(fullUs);
      this.#isFull.push(busy >= cpus);
    }
  }

  shareBetween(fromUs: number, toUs: number): number {
    return (this.#fullBefore(toUs) - this.#fullBefore(fromUs)) / (toUs - fromUs);
  }

  #fullBefore(us: number): number {
    let low = 0;
    let high = this.#atUs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#atUs[middle] ?? 0) <= us) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const since = this.#isFull[low - 1] === true ? us - (this.#atUs[low - 1] ?? 0) : 0;
    return (this.#fullUs[low - 1] ?? 0) + since;
  }
}
