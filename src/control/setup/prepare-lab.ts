// Has the lab make its guest image and the snapshots that the sample workload, the verifier's trials and
// the tests start from. What is in the lab's cache already is taken as it is, silently.

import type { Environment } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";

/** What the lab is asked to make ready. */
export interface LabPreparation {
  /** The user's own kernel, where one was given. */
  kernel: string | undefined;
  progress: Progress;
  signal: AbortSignal | undefined;
}

/** The guest of workloads that say nothing else: the defaults of contract/workload.ts. */
const defaultGuest = { cpus: 2, memoryMib: 1024, programs: [] };

export async function prepareLab(preparation: LabPreparation): Promise<Environment> {
  const { kernel } = preparation;
  const { openLab } = await import("../../lab/lab.ts");
  const { trialNode } = await import("../verifier/exercise/trial-node.ts");
  const lab = await openLab({ mayBuild: true, ...(kernel === undefined ? {} : { kernel }) });
  try {
    await lab.prepare(trialNode, preparation.progress, preparation.signal);
    return await lab.prepare(defaultGuest, preparation.progress, preparation.signal);
  } finally {
    await lab.close();
  }
}
