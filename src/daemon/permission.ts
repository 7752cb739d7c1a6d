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
  if (isLabGuest(kernelCommandLine)) {
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

/** A program runs as root, with rights that nobody narrows: nothing for a machine that anybody else uses. */
export function permitBinary(kernelCommandLine: string): Permission {
  return inLabOnly(kernelCommandLine, {
    otherwise: "it starts no scheduler's own program",
    hint: "Enrolled programs are tried in the lab; on a node its owner starts them.",
  });
}

/** Disturbances take CPUs away and run real-time hogs: nothing for a machine that anybody else uses. */
export function permitDisturbances(kernelCommandLine: string): Permission {
  return inLabOnly(kernelCommandLine, {
    otherwise: "it is not disturbed",
    hint: "Run the workload without `disturbances`, or in the lab.",
  });
}

function inLabOnly(
  kernelCommandLine: string,
  { otherwise, hint }: { otherwise: string; hint: string },
): Permission {
  if (isLabGuest(kernelCommandLine)) return { permitted: true, by: "lab" };
  const message = `this node is no lab guest: ${otherwise}`;
  return { permitted: false, error: new SchedcpError("not-supported", message, { hint }) };
}

function isLabGuest(kernelCommandLine: string): boolean {
  return kernelCommandLine.split(/\s+/).includes("schedcp.lab=1");
}
