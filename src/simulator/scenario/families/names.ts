// Tasks with the names that a policy itself knows: what it does with them shows only under these. Called by
// checks/suite.ts, which asks the policy.

import { Draw } from "../draw.ts";
import { cpuCount, type FamilySize, hog, ms, scaled, scenario, seconds } from "../family.ts";
import { hungryNames } from "../ordinary-names.ts";
import type { Scenario } from "../scenario.ts";
import { flatTopology } from "../topology.ts";

/** So few that each earns half a second of one CPU in the time of a starvation (checks/starvation.ts). */
const namesPerScenario = 24;
const others = 4;

/**
 * A hog a CPU of each name beside some of ordinary names: a strict order by any of the names
 * starves either it or all the rest. None where there are no names.
 */
export function namesakes(names: readonly string[], seed: number, size: FamilySize): Scenario[] {
  const scenarios: Scenario[] = [];
  const topology = size.topology ?? flatTopology(1);
  const count = scaled(cpuCount(topology), size);
  for (let from = 0; from < names.length; from += namesPerScenario) {
    const draw = new Draw(seed + from);
    const known = names.slice(from, from + namesPerScenario);
    const comms = draw.shuffle([...known, ...draw.shuffle(hungryNames).slice(0, others)]);
    scenarios.push(
      scenario({
        name: "namesakes",
        topology,
        tasks: comms.map((comm) => hog("hog", { comm, count, startNs: ms(draw.between(0, 20)) })),
        durationNs: seconds(17),
        seed: (seed + from) >>> 0,
      }),
    );
  }
  return scenarios;
}
