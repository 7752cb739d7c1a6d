// The node that trials run on: made ready by `setup`, leased by exercise.ts.

import type { NodeRequest } from "../../../contract/node.ts";
import { trialCpus } from "./trial.ts";

/** The guest of all trials. */
export const trialNode: NodeRequest = {
  cpus: trialCpus,
  memoryMib: 1024,
  programs: ["hackbench", "stress-ng"],
};
