// The screening of an optimisation: successive halving over the control plane's `screen`, planned
// anew before every rung by what arms take by now. Chooses whom to confirm; decides nothing. Called
// by optimize.ts.

import type { Measurement } from "../contract/measurement.ts";
import type { Workload } from "../contract/workload.ts";
import { derivedSeed } from "../control/deployment/random.ts";
import { joinMeasurements } from "../control/deployment/summary.ts";
import { type Contender, scoreOf } from "./contender.ts";
import type { Course } from "./course.ts";
import { scheduleArms, survivors } from "./successive-halving.ts";

/** The last one standing, or null where all failed. */
export async function screenAll(
  course: Course,
  passed: readonly Contender[],
): Promise<Contender | null> {
  let alive = [...passed];
  for (let round = 1; alive.length > 1; round++) {
    course.assertGoingOn();
    const budget = course.plan(alive.length, 0);
    for (const late of alive.slice(budget.candidates)) late.eliminatedInRound = round;
    alive = alive.slice(0, budget.candidates);
    const rung = budget.rungs[0];
    if (rung === undefined) break;
    course.progress.enter(
      "screen",
      `round ${round}: the default and ${alive.length} candidates, ${rung.rounds} runs each`,
    );
    const share = scheduleArms([rung]) / scheduleArms(budget.rungs);
    await runRung(course, alive, { round, rounds: rung.rounds, share });
    const kept = survivors(alive.map((who) => ({ who, score: scoreOf(who) })));
    for (const contender of alive) {
      const stays = kept.includes(contender);
      if (!stays) contender.eliminatedInRound = round;
      const note = contender.failure?.message ?? `round ${round}: ${stays ? "goes on" : "out"}`;
      course.tellCandidate(contender.label, scoreOf(contender), note);
    }
    alive = kept;
  }
  return alive[0] ?? null;
}

async function runRung(
  course: Course,
  alive: readonly Contender[],
  rung: { round: number; rounds: number; share: number },
): Promise<void> {
  const { workload, seed, now } = course;
  const { round, rounds, share } = rung;
  const startedMs = now();
  const outcomes = await course.control.screen(
    {
      workload,
      candidates: alive.map(({ proposal: { policy, parameters } }) => ({ policy, parameters })),
      rounds,
      seed: derivedSeed(seed, round),
    },
    course.options({ start: 0, share }),
  );
  const arms = rounds * (alive.length + 1);
  if (outcomes.every(({ failure }) => failure === null)) {
    course.armSeconds = (now() - startedMs) / 1000 / arms;
  }
  for (const [index, contender] of alive.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new RangeError("a screening without an outcome for each");
    contender.failure = outcome.failure;
    contender.measurement = joined(contender.measurement, outcome.measurement, workload);
  }
  course.assertGoingOn();
}

function joined(
  before: Measurement | null,
  after: Measurement | null,
  workload: Workload,
): Measurement | null {
  if (before === null || after === null) return before ?? after;
  return joinMeasurements(before, after, workload);
}
