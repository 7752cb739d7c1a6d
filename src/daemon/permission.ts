// The seam for deployment tokens: whether a policy may be loaded on this node. Pure. Called for every
// policy.load before anything else happens.

import { SchedcpError } from "../contract/errors.ts";

export interface LoadRequest {
  token?: string | undefined;
}

export type Permission = { permitted: true; by: "lab" } | { permitted: false; error: SchedcpError };

/**
 * First form. A guest of the lab is thrown away after use and says so on its kernel's command line,
 * which only who started the guest can write: there no token is needed. Anywhere else nothing is
 * permitted, since nobody could check a token yet.
 */
export function permitLoad(request: LoadRequest, kernelCommandLine: string): Permission {
  if (kernelCommandLine.split(/\s+/).includes("schedcp.lab=1")) {
    return { permitted: true, by: "lab" };
  }
  const message =
    request.token === undefined
      ? "this node is no lab guest, and the request has no deployment token"
      : "this node is no lab guest, and deployment tokens can't be checked yet";
  const error = new SchedcpError("not-supported", message, {
    hint: "Policies load in the lab only; deployment tokens come with the deployment service.",
  });
  return { permitted: false, error };
}
