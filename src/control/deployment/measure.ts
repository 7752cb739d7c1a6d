// A measurement: pairs of the kernel's default scheduler and one policy, interleaved, each arm on a
// fresh node. Never edits a figure; what does not count stays in, marked void. Called by the control
// plane's `experiment`.

import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import type { Measurement, Pair } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";
import { nodeRequest } from "./arm.ts";
import { candidateArmError, type FinishedArm } from "./arm-retry.ts";
import { ArmSeries, type ArmSeriesInput, needsComparison } from "./arm-series.ts";
import type { DeployablePolicy } from "./deployable-policy.ts";
import { isInterruption } from "./interruption.ts";
import { countedPairs, firstArms, makePair } from "./pair.ts";
import { derivedSeed, seededRandom } from "./random.ts";
import { summarisePairs } from "./summary.ts";

/** For void pairs others are taken, up to so many more than were asked for (a share of those). */
export const extraPairsShareMax = 0.5;

export interface MeasureInput extends ArmSeriesInput {
  id: string;
  workloadSha256: string;
  /** Null: both arms are the default scheduler. */
  policy: DeployablePolicy | null;
  /** Counted pairs that are wanted, at least limits.workloadPairsMin. */
  pairs: number;
  seed: number;
  progress?: Progress;
  /** Told of every pair as it is taken, so that nothing is lost to an interruption. */
  onPair?: (pair: Pair) => void | Promise<void>;
}

/**
 * `complete` is false where it was interrupted, or where the host stole so much time that fewer than
 * limits.workloadPairsMin pairs count. Throws `interrupted` before the first pair, `workload-failed`,
 * `workload-timed-out`, `policy-failed`, `load-rejected`, `node-lost` and the like at any time.
 */
export async function measure(input: MeasureInput): Promise<Measurement> {
  assertPairs(input.pairs);
  const { nodes, workload, now, signal } = input;
  const startedMs = now();
  const progress = input.progress ?? (() => undefined);
  const environment = await nodes.prepare(nodeRequest(workload), progress, signal);
  const series = new ArmSeries(input);
  const taken: Pair[] = [];
  const interrupted = await takePairs(input, series, taken);
  return {
    id: input.id,
    workload: workload.name,
    workloadSha256: input.workloadSha256,
    policy: input.policy?.identity ?? null,
    environment,
    startedAt: new Date(startedMs).toISOString(),
    seconds: (now() - startedMs) / 1000,
    seed: input.seed,
    ...summarisePairs(taken, workload),
    guestsRetried: series.guestsRetried,
    complete: !interrupted && countedPairs(taken).length >= limits.workloadPairsMin,
  };
}

function assertPairs(pairs: number): void {
  const { workloadPairsMin, workloadPairsMax } = limits;
  if (Number.isInteger(pairs) && pairs >= workloadPairsMin && pairs <= workloadPairsMax) return;
  throw new SchedcpError("parameter-invalid", `a measurement cannot have ${pairs} pairs`, {
    hint: `Choose from ${workloadPairsMin} to ${workloadPairsMax}: fewer prove nothing.`,
  });
}

/** Fills `taken`; true where the signal ended it. */
async function takePairs(input: MeasureInput, series: ArmSeries, taken: Pair[]): Promise<boolean> {
  const firsts = firstArms(seededRandom(derivedSeed(input.seed, 0)));
  const pairsMax = input.pairs + Math.ceil(input.pairs * extraPairsShareMax);
  try {
    while (countedPairs(taken).length < input.pairs && taken.length < pairsMax) {
      const pair = await takePair(input, series, taken.length, firsts.next().value);
      taken.push(pair);
      await input.onPair?.(pair);
      report(input, series, taken);
    }
    return false;
  } catch (thrown) {
    if (taken.length > 0 && isInterruption(thrown, input.signal)) return true;
    throw thrown;
  }
}

async function takePair(
  input: MeasureInput,
  series: ArmSeries,
  index: number,
  first: Pair["first"],
): Promise<Pair> {
  const arms =
    first === "default"
      ? { default: await series.runDefault(), candidate: await runCandidate(input, series) }
      : await candidateFirst(input, series);
  return makePair({
    index,
    first,
    objective: input.workload.objective.metric,
    default: arms.default.outcome.sample,
    candidate: arms.candidate.outcome.sample,
  });
}

/** The default still runs after a slow or failing candidate: the fault may be the workload's own. */
async function candidateFirst(
  input: MeasureInput,
  series: ArmSeries,
): Promise<{ default: FinishedArm; candidate: FinishedArm }> {
  if (input.policy === null) {
    const candidate = await series.runDefault();
    return { candidate, default: await series.runDefault() };
  }
  const candidate = await series.runCandidate(input.policy);
  if ("finished" in candidate) {
    return { candidate: candidate.finished, default: await series.runDefault() };
  }
  if (needsComparison(candidate.fault)) await series.runDefault();
  throw candidateArmError(candidate.fault);
}

async function runCandidate(input: MeasureInput, series: ArmSeries): Promise<FinishedArm> {
  if (input.policy === null) return await series.runDefault();
  const candidate = await series.runCandidate(input.policy);
  if ("fault" in candidate) throw candidateArmError(candidate.fault);
  return candidate.finished;
}

function report(input: MeasureInput, series: ArmSeries, taken: readonly Pair[]): void {
  const last = taken.at(-1);
  if (last === undefined || input.progress === undefined) return;
  const counted = countedPairs(taken).length;
  const left = input.pairs - counted;
  const said = last.void === undefined ? `ratio ${last.ratio.toFixed(3)}` : `void: ${last.void}`;
  input.progress({
    step: "measure",
    message: `pair ${taken.length}: ${said} (${counted} of ${input.pairs} count)`,
    fraction: counted / input.pairs,
    etaSeconds: Math.round(left * 2 * (series.meanArmSeconds ?? 0)),
  });
}
