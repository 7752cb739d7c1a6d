// A policy ready to be loaded on a node: the very bytes, with exact parameters. Turns it into what
// `policy.load` takes. Pure. Called by arm.ts and by whoever else loads a policy.

import { createHash } from "node:crypto";
import { SchedcpError } from "../../contract/errors.ts";
import type { Imposed, NodeParams } from "../../contract/node-protocol.ts";
import { hintPrefix, type ParameterValue, type PolicyIdentity } from "../../contract/policy.ts";
import type { Workload } from "../../contract/workload.ts";

export interface DeployablePolicy {
  identity: PolicyIdentity;
  object: Uint8Array;
}

/**
 * What a measurement imposes. The watchdog is the kernel's own maximum: measuring is no safety check,
 * and a correct policy may rightly let a nice-19 task wait for several seconds. A policy that stalls
 * is stopped sooner by the candidate's time limit.
 */
export const imposedWhileMeasuring: Imposed = { timeoutMs: 30_000, partial: false };

/** Throws `parameter-invalid` for a hint that is no whole number or names no entry of the workload. */
export function loadRequest(
  policy: DeployablePolicy,
  workload: Workload,
  imposed: Imposed = imposedWhileMeasuring,
): NodeParams<"policy.load"> {
  const knobs: Record<string, ParameterValue> = {};
  const hints: Record<string, number> = {};
  for (const [key, value] of Object.entries(policy.identity.parameters)) {
    if (key.startsWith(hintPrefix)) {
      const entry = key.slice(hintPrefix.length);
      hints[entry] = hintValue(entry, value, workload);
    } else knobs[key] = value;
  }
  return {
    name: policy.identity.name,
    object: Buffer.from(policy.object).toString("base64"),
    sha256: createHash("sha256").update(policy.object).digest("hex"),
    knobs,
    hints,
    imposed,
  };
}

function hintValue(entry: string, value: ParameterValue, workload: Workload): number {
  const names = workload.run.map((run) => run.name);
  if (!names.includes(entry)) {
    throw new SchedcpError("parameter-invalid", `${hintPrefix}${entry} names no entry`, {
      hint: `The entries of ${workload.name} are ${names.join(", ")}.`,
    });
  }
  if (typeof value !== "number" || value < 0) {
    throw new SchedcpError("parameter-invalid", `${hintPrefix}${entry} is not a time`, {
      hint: "A hint is the expected CPU time of one task of the entry, in whole milliseconds.",
    });
  }
  return value;
}
