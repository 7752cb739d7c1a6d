// The two traced runs that a report shows: the default scheduler and the winner. A report without
// them is still a report, so a failure is told and the rest goes on. Called by optimize.ts.

import { SchedcpError } from "../contract/errors.ts";
import type { Trace } from "../contract/measurement.ts";
import type { Workload } from "../contract/workload.ts";
import type { ControlPlane, OperationOptions } from "../control/control-plane.ts";
import type { Proposal } from "./planner.ts";

/** `label` is `default` for the kernel's default scheduler, else the policy's name. */
export interface LabelledTrace {
  label: string;
  trace: Trace;
}

export interface TraceBothInput {
  control: ControlPlane;
  workload: Workload;
  proposal: Proposal;
  options: (part: { start: number; share: number }) => OperationOptions;
  onFailure: (message: string) => void;
}

export async function traceBoth(input: TraceBothInput): Promise<LabelledTrace[]> {
  const { control, workload, proposal } = input;
  const { policy, parameters } = proposal;
  try {
    const byDefault = await control.trace(
      { workload, policy: null, parameters: {} },
      input.options({ start: 0, share: 0.5 }),
    );
    const byPolicy = await control.trace(
      { workload, policy, parameters },
      input.options({ start: 0.5, share: 0.5 }),
    );
    return [
      { label: "default", trace: byDefault },
      { label: policy.name, trace: byPolicy },
    ];
  } catch (thrown) {
    // The decision stands already: whatever an operating failure takes away here is only pictures.
    if (!(thrown instanceof SchedcpError)) throw thrown;
    input.onFailure(thrown.message);
    return [];
  }
}
