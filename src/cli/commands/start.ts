// `start`: sets up what is missing, then optimizes the sample workload. What `npm start` runs.

import { readyWorkload } from "../../control/ready-workloads.ts";
import type { Answer, CommandInput } from "../command.ts";
import { optimizeWorkload } from "./optimize.ts";
import { setUp } from "./setup.ts";

const sample = "two-kinds-of-jobs";

export async function run(input: CommandInput): Promise<Answer> {
  await setUp(input);
  return optimizeWorkload(input, await readyWorkload(sample));
}
