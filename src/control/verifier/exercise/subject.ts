// What is exercised, as the trials see it: how it comes onto a node, and what it means that it does not.
// Called by trial-session.ts; a policy's is here, an enrolled binary's in enrolment/.

import type { SchedcpError } from "../../../contract/errors.ts";
import type { Imposed, NodeConnection } from "../../../contract/node-protocol.ts";
import type { Finding } from "../../../contract/verdict.ts";
import type { Workload } from "../../../contract/workload.ts";
import { type DeployablePolicy, loadRequest } from "../../deployment/deployable-policy.ts";
import { splitParameters } from "../../simulation/split-parameters.ts";
import { loadFinding } from "../load/load-finding.ts";
import type { PolicySource } from "../load/source-anchor.ts";
import { trialWorkload } from "./trial-workload.ts";

const loadMsMax = 30_000;

export interface Subject {
  /** Loads it, under what is imposed as far as that can be. Throws where it can't even be asked for. */
  loading(imposed: Imposed): Loading;
  /** What is to be said of it; null for an error that says nothing of it. */
  refusal(error: SchedcpError): Finding | null;
}

/** Resolves when it is live. */
export type Loading = (
  connection: NodeConnection,
  signal: AbortSignal | undefined,
) => Promise<void>;

/** `source`: where it is at hand, places are looked for there. */
export function policySubject(policy: DeployablePolicy, source: PolicySource | null): Subject {
  return {
    loading: (imposed) => {
      const request = loadRequest(policy, nominalWorkload(policy), imposed);
      return async (connection, signal) => {
        const options = { timeoutMs: loadMsMax, ...(signal === undefined ? {} : { signal }) };
        await connection.call("policy.load", request, options);
      };
    },
    refusal: (error) => loadFinding(error, source),
  };
}

/** Hints name entries of a workload that trials don't run; this one has them all. */
function nominalWorkload(policy: DeployablePolicy): Workload {
  const names = Object.keys(splitParameters(policy.identity.parameters).hints);
  return trialWorkload(
    "trials",
    ["trial", ...names].map((name) => ({ name, command: "true" })),
  );
}
