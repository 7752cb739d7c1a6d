// One traced run of one arm: run-queue waits and who ran where. Uncounted: the probe costs time.
// Called by the control plane's `trace`.

import { SchedcpError } from "../../contract/errors.ts";
import type { Trace } from "../../contract/measurement.ts";
import type { Progress } from "../../contract/node.ts";
import { nodeRequest } from "./arm.ts";
import { candidateArmError } from "./arm-retry.ts";
import { ArmSeries, type ArmSeriesInput } from "./arm-series.ts";
import type { DeployablePolicy } from "./deployable-policy.ts";

export interface TraceInput extends ArmSeriesInput {
  policy: DeployablePolicy | null;
  progress?: Progress;
}

/** Throws as `measure` does, and `not-supported` where the node has no probe. */
export async function takeTrace(input: TraceInput): Promise<Trace> {
  const progress = input.progress ?? (() => undefined);
  await input.nodes.prepare(nodeRequest(input.workload), progress, input.signal);
  const under = input.policy?.identity.name ?? "the default scheduler";
  progress({ step: "trace", message: `one traced run under ${under}` });
  const series = new ArmSeries(input);
  const arm =
    input.policy === null
      ? { finished: await series.runDefault({ trace: true }) }
      : await series.runCandidate(input.policy, { trace: true });
  if ("fault" in arm) throw candidateArmError(arm.fault);
  const { trace } = arm.finished.outcome.report;
  if (trace !== null) return trace;
  throw new SchedcpError("not-supported", "the node answered without a trace", {
    hint: "Its image has no probe: run `schedcp setup` to make it anew.",
  });
}
