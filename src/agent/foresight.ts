// Which proposals are worth a run on a real kernel first: each is simulated on the workload as it was
// profiled, in virtual time, for next to nothing. An order to try them in, no more: the model is off by
// a quarter at worst (docs/fidelity.md), so nothing is dropped or decided here. Called by candidates.ts.

import type { WorkloadProfile } from "../contract/profile.ts";
import type { SimulationReport } from "../contract/simulation.ts";
import type { Course } from "./course.ts";
import { percent } from "./decision.ts";
import { type Proposal, proposalLabel } from "./planner.ts";

/**
 * Best first by simulated makespan; those of which the simulator can't say anything stay among the
 * others as if they changed nothing. For another objective the planner's order stays.
 */
export async function bySimulation(
  course: Course,
  proposals: readonly Proposal[],
  profile: WorkloadProfile,
): Promise<Proposal[]> {
  const { workload } = course;
  if (workload.objective.metric !== "makespan" || proposals.length < 2) return [...proposals];
  const foreseen: { proposal: Proposal; gain: number }[] = [];
  for (const proposal of proposals) {
    course.assertGoingOn();
    const { policy, parameters } = proposal;
    const request = { policy, parameters, workload, profile, seed: course.seed };
    const { report } = await course.control.simulate(request, course.options());
    const gain = simulatedGain(report);
    const shown = gain === null ? "not to be simulated" : `${percent(gain)} simulated`;
    course.progress.tell({ message: `${proposalLabel(proposal)}: ${shown}` });
    foreseen.push({ proposal, gain: gain ?? 0 });
  }
  return foreseen.sort((a, b) => b.gain - a.gain).map(({ proposal }) => proposal);
}

/** Percent of the default's makespan saved; null where a run did not finish or counts for nothing. */
function simulatedGain({ verdict, scenarios }: SimulationReport): number | null {
  const [run] = scenarios;
  if (verdict === "inconclusive" || run === undefined || run.default === null) return null;
  if (!run.policy.finished || !run.default.finished) return null;
  return 100 * (1 - run.policy.makespanMs / run.default.makespanMs);
}
