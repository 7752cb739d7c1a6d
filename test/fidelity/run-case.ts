// One policy in a guest and in the simulator, held against each other: a row of the fidelity table.

import type { NodeSource } from "../../src/contract/node.ts";
import { compilePolicy } from "../../src/control/verifier/compile.ts";
import type { Btf } from "../../src/simulator/object/btf.ts";
import type { FidelityCase } from "./cases.ts";
import {
  compareSequences,
  median,
  type SequenceComparison,
  type TaskRun,
  taskRuns,
  type Verdict,
  verdictOf,
} from "./compare.ts";
import { type FidelityPolicy, type GuestRun, runInGuest, type TimedRun } from "./guest-run.ts";
import { recordedSource } from "./recorded-source.ts";
import type { CallRecord } from "./records.ts";
import { scenarios } from "./scenarios.ts";
import { defaultMakespanNs, runSimulated } from "./simulated-run.ts";

/** Runs of the simulator: each with other noise of the machine. */
const simulatedSeeds = Array.from({ length: 24 }, (_, index) => index + 1);
/** Whose times count: the machine is about as still as a guest's on a quiet host. */
const quietSeeds = 8;
/** A guest's run counts for its time only where the host took less than this share of it. */
export const stolenMax = 0.05;

export interface FidelityRow {
  name: string;
  seed: boolean;
  scenario: string;
  sequences: SequenceComparison;
  verdicts: { guest: Verdict; simulated: Verdict; equal: boolean };
  /** Makespan under the policy ÷ under the default scheduler; null where the policy does not stay. */
  makespan: { guest: number; simulated: number; errorPercent: number; cleanRuns: number } | null;
  unsupported: string[];
}

export interface CaseParts {
  nodes: NodeSource;
  vmlinuxHeaderPath: string;
  kernelBtf: Btf;
  repeats: number;
}

export async function runCase(fidelity: FidelityCase, parts: CaseParts): Promise<FidelityRow> {
  const policy = await compiled(fidelity, parts.vmlinuxHeaderPath);
  const guest = await runInGuest(parts.nodes, policy, scenarios[fidelity.scenario], parts.repeats);
  return compareCase(fidelity, policy, guest, parts.kernelBtf);
}

export async function compiled(
  { name, source, parameters, timeoutMs, partial }: FidelityCase,
  vmlinuxHeaderPath: string,
): Promise<FidelityPolicy> {
  const request = { name, source: recordedSource(source), vmlinuxHeaderPath };
  const outcome = await compilePolicy(request);
  if (!outcome.ok) throw new Error(`${name}: ${JSON.stringify(outcome.findings)}`);
  return { name, object: outcome.object, parameters, timeoutMs, partial };
}

export function compareCase(
  fidelity: FidelityCase,
  policy: FidelityPolicy,
  guest: GuestRun,
  kernelBtf: Btf,
): FidelityRow {
  const scenario = scenarios[fidelity.scenario];
  const runs = simulatedSeeds.map((seed) => runSimulated(policy, scenario, kernelBtf, seed));
  const first = runs[0];
  if (first === undefined) throw new Error("no run was simulated");
  const guestVerdict = verdictOf(guest.exit);
  const simulatedVerdict = verdictOf(first.exit);
  const stays = guestVerdict.kind === "stays";
  const guestTasks = guest.lives.flatMap((life) => tasksOf(life, stays));
  const simulatedTasks = runs.flatMap(({ records, exit }) => tasksOf(records, exit === null));
  return {
    name: fidelity.name,
    seed: fidelity.seed,
    scenario: fidelity.scenario,
    sequences: compareSequences(guestTasks, simulatedTasks),
    verdicts: {
      guest: guestVerdict,
      simulated: simulatedVerdict,
      equal:
        guestVerdict.text === simulatedVerdict.text &&
        runs.every(({ exit }) => verdictOf(exit).text === simulatedVerdict.text),
    },
    makespan:
      stays && simulatedVerdict.kind === "stays"
        ? makespanOf(
            guest,
            median(runs.slice(0, quietSeeds).map(({ makespanNs }) => makespanNs)) /
              median(
                simulatedSeeds
                  .slice(0, quietSeeds)
                  .map((seed) => defaultMakespanNs(scenario, seed)),
              ),
          )
        : null,
    unsupported: first.unsupported,
  };
}

/**
 * While a policy is being thrown out, tasks run on without it and leave it, at any moment: what is
 * compared ends with the last op that decides.
 */
function tasksOf(records: readonly CallRecord[], stayed: boolean): TaskRun[] {
  if (stayed) return taskRuns(records);
  const decides = new Set(["select_cpu", "enqueue", "dispatch"]);
  const last = records.findLastIndex(({ op }) => decides.has(op));
  const leaves = new Set(["disable", "exit_task"]);
  return taskRuns(records.slice(0, last + 1).filter(({ op }) => !leaves.has(op)));
}

function makespanOf(guest: GuestRun, simulated: number): FidelityRow["makespan"] {
  const policyNs = clean(guest.policyRuns);
  const ratio = median(policyNs) / median(clean(guest.defaultRuns));
  const errorPercent = (simulated / ratio - 1) * 100;
  return { guest: ratio, simulated, errorPercent, cleanRuns: policyNs.length };
}

/** All of them where the host disturbed every one. */
function clean(runs: readonly TimedRun[]): number[] {
  const undisturbed = runs.filter(({ stolen }) => stolen < stolenMax);
  return (undisturbed.length > 0 ? undisturbed : runs).map(({ ns }) => ns);
}
