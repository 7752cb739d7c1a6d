// The confirmation of an optimisation: the screening's winner against the default on fresh pairs, of
// which nothing was counted before. Called by optimize.ts.

import { SchedcpError } from "../contract/errors.ts";
import type { Measurement } from "../contract/measurement.ts";
import type { Finding } from "../contract/verdict.ts";
import { derivedSeed } from "../control/deployment/random.ts";
import type { Contender } from "./contender.ts";
import type { Course } from "./course.ts";

/** Null where the policy failed meanwhile (`winner.failure` says how). */
export async function confirm(course: Course, winner: Contender): Promise<Measurement | null> {
  const { workload, seed } = course;
  course.assertGoingOn();
  const { pairs } = course.plan(1, 0);
  course.progress.enter("confirm", `${winner.label} against the default, ${pairs} fresh pairs`);
  const { policy, parameters } = winner.proposal;
  // Rungs take the derived seeds from 1 on.
  const request = { workload, policy, parameters, pairs, seed: derivedSeed(seed, 0) };
  try {
    const measurement = await course.control.experiment(request, course.options());
    course.tellCandidate(
      winner.label,
      measurement.objective.improvementPercent,
      "measured again on fresh pairs",
    );
    return measurement;
  } catch (thrown) {
    if (!(thrown instanceof SchedcpError) || thrown.code !== "policy-failed") throw thrown;
    winner.failure = findingOf(thrown);
    return null;
  }
}

function findingOf(error: SchedcpError): Finding {
  return {
    rule: "measure/failed-in-confirmation",
    severity: "error",
    message: error.message,
    hint: error.hint,
  };
}
