// A workload as given on the command line: a file, or the name of one that comes with SchedCP.

import type { Workload } from "../contract/workload.ts";
import { readWorkloadFile } from "../control/analysis/workload-file.ts";
import { isWorkloadName, readyWorkload } from "../control/ready-workloads.ts";
import { type CommandInput, numberOption } from "./command.ts";

/** What looks like a name is a ready workload; anything with a dot or a slash is a file. */
export async function workloadArgument(text: string, input: CommandInput): Promise<Workload> {
  const scale = numberOption(input, "scale");
  const options = scale === undefined ? {} : { scale };
  if (isWorkloadName(text)) return readyWorkload(text, options);
  return (await readWorkloadFile(text, options)).workload;
}
