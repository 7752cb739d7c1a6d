// A screening: rounds of (the default scheduler + every candidate still alive) in random order. The
// candidates of a round share its default run, which costs half of what pairs would. Estimates to
// rank by, not to decide by: a winner is measured again. Called by the control plane's `screen`.

import { SchedcpError } from "../../contract/errors.ts";
import type { Environment, Measurement, Pair } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";
import type { Finding } from "../../contract/verdict.ts";
import type { ScreenOutcome } from "../control-plane.ts";
import { nodeRequest } from "./arm.ts";
import { candidateFinding, type Fault, type FinishedArm } from "./arm-retry.ts";
import { ArmSeries, type ArmSeriesInput } from "./arm-series.ts";
import type { DeployablePolicy } from "./deployable-policy.ts";
import { isInterruption } from "./interruption.ts";
import { countedPairs, makePair } from "./pair.ts";
import { derivedSeed, type Random, seededRandom, shuffled } from "./random.ts";
import { summarisePairs } from "./summary.ts";

export interface ScreenInput extends ArmSeriesInput {
  newId: () => string;
  workloadSha256: string;
  candidates: DeployablePolicy[];
  rounds: number;
  seed: number;
  progress?: Progress;
}

export const screenRoundsMax = 50;
export const screenCandidatesMax = 32;

/** A candidate's state over the rounds. */
interface Entrant {
  policy: DeployablePolicy;
  pairs: Pair[];
  failure: Finding | null;
}

/** One round as it goes: what has run so far, in the order in which it ran. */
interface Round {
  order: ("default" | Entrant)[];
  default: FinishedArm | null;
  finished: { entrant: Entrant; arm: FinishedArm }[];
  faults: { entrant: Entrant; fault: Fault }[];
}

/**
 * One outcome a candidate, in the given order. A candidate's fault takes it out and the rest go on;
 * one of the default scheduler's is thrown. Interrupted, it answers with what was measured.
 */
export async function screen(input: ScreenInput): Promise<ScreenOutcome[]> {
  assertBounds(input);
  const startedMs = input.now();
  const progress = input.progress ?? (() => undefined);
  const environment = await input.nodes.prepare(
    nodeRequest(input.workload),
    progress,
    input.signal,
  );
  const series = new ArmSeries(input);
  const entrants = input.candidates.map(
    (policy): Entrant => ({ policy, pairs: [], failure: null }),
  );
  const interrupted = await runRounds(input, series, entrants);
  const shared = { environment, startedMs, guestsRetried: series.guestsRetried };
  return entrants.map((entrant) => ({
    measurement: measurementOf(entrant, input, { ...shared, complete: !interrupted }),
    failure: entrant.failure,
  }));
}

function assertBounds(input: ScreenInput): void {
  const fits = (count: number, most: number) =>
    Number.isInteger(count) && count >= 1 && count <= most;
  if (fits(input.rounds, screenRoundsMax) && fits(input.candidates.length, screenCandidatesMax)) {
    return;
  }
  throw new SchedcpError(
    "limit-exceeded",
    `a screening cannot have ${input.candidates.length} candidates in ${input.rounds} rounds`,
    {
      hint: `At most ${screenCandidatesMax} candidates and ${screenRoundsMax} rounds, and one of each.`,
    },
  );
}

async function runRounds(
  input: ScreenInput,
  series: ArmSeries,
  entrants: readonly Entrant[],
): Promise<boolean> {
  const random = seededRandom(derivedSeed(input.seed, 0));
  for (let index = 0; index < input.rounds; index++) {
    const alive = entrants.filter((entrant) => entrant.failure === null);
    if (alive.length === 0) return false;
    const round = newRound(alive, random);
    try {
      await runRound(input, series, round, { index });
    } catch (thrown) {
      if (!isInterruption(thrown, input.signal)) throw thrown;
      settleRound(input, round, index);
      if (entrants.every((entrant) => entrant.pairs.length === 0)) throw thrown;
      return true;
    }
    settleRound(input, round, index);
  }
  return false;
}

function newRound(alive: readonly Entrant[], random: Random): Round {
  const order = shuffled<"default" | Entrant>(["default", ...alive], random);
  return { order, default: null, finished: [], faults: [] };
}

async function runRound(
  input: ScreenInput,
  series: ArmSeries,
  round: Round,
  place: { index: number },
): Promise<void> {
  for (const [position, who] of round.order.entries()) {
    report(input, series, round, { ...place, position });
    if (who === "default") {
      round.default = await series.runDefault();
      continue;
    }
    const arm = await series.runCandidate(who.policy);
    if ("finished" in arm) round.finished.push({ entrant: who, arm: arm.finished });
    else round.faults.push({ entrant: who, fault: arm.fault });
  }
}

/** Only with the round's default run is anything a pair, or a fault the candidate's own. */
function settleRound(input: ScreenInput, round: Round, index: number): void {
  const reference = round.default;
  if (reference === null) return;
  const defaultPosition = round.order.indexOf("default");
  for (const { entrant, arm } of round.finished) {
    const pair = makePair({
      index,
      first: round.order.indexOf(entrant) < defaultPosition ? "candidate" : "default",
      objective: input.workload.objective.metric,
      default: reference.outcome.sample,
      candidate: arm.outcome.sample,
    });
    entrant.pairs.push(pair);
  }
  for (const { entrant, fault } of round.faults) entrant.failure = candidateFinding(fault);
}

function measurementOf(
  entrant: Entrant,
  input: ScreenInput,
  shared: {
    environment: Environment;
    startedMs: number;
    guestsRetried: number;
    complete: boolean;
  },
): Measurement | null {
  if (entrant.pairs.length === 0) return null;
  return {
    id: input.newId(),
    workload: input.workload.name,
    workloadSha256: input.workloadSha256,
    policy: entrant.policy.identity,
    environment: shared.environment,
    startedAt: new Date(shared.startedMs).toISOString(),
    seconds: (input.now() - shared.startedMs) / 1000,
    seed: input.seed,
    ...summarisePairs(entrant.pairs, input.workload),
    guestsRetried: shared.guestsRetried,
    complete:
      shared.complete &&
      entrant.failure === null &&
      countedPairs(entrant.pairs).length === input.rounds,
  };
}

function report(
  input: ScreenInput,
  series: ArmSeries,
  round: Round,
  place: { index: number; position: number },
): void {
  const who = round.order[place.position];
  if (input.progress === undefined || who === undefined) return;
  const name = who === "default" ? "the default scheduler" : who.policy.identity.name;
  const done = (place.index + place.position / round.order.length) / input.rounds;
  const armsLeft = (1 - done) * input.rounds * round.order.length;
  const { meanArmSeconds } = series;
  input.progress({
    step: "screen",
    message: `round ${place.index + 1} of ${input.rounds}: ${name}`,
    fraction: done,
    ...(meanArmSeconds === null ? {} : { etaSeconds: Math.round(armsLeft * meanArmSeconds) }),
  });
}
