// The machine that a simulation is asked for, out of `--cpus` and `--topology`. Pure.

import { SchedcpError } from "../../contract/errors.ts";
import type { Topology } from "../../simulator/scenario/scenario.ts";
import { cpusMax, flatTopology, parseTopology } from "../../simulator/scenario/topology.ts";

export interface RequestedMachine {
  topology: Topology;
  /** As a report names it. */
  text: string;
}

/** Null where neither is given. Throws `parameter-invalid` for what can't be, or where they disagree. */
export function requestedMachine(
  cpus: number | undefined,
  topology: string | undefined,
): RequestedMachine | null {
  if (cpus !== undefined && !(Number.isInteger(cpus) && cpus >= 1 && cpus <= cpusMax)) {
    throw new SchedcpError("parameter-invalid", `a machine of ${cpus} CPUs is not simulated`, {
      hint: `Give --cpus 1 to ${cpusMax}.`,
    });
  }
  if (topology === undefined) {
    return cpus === undefined ? null : { topology: flatTopology(cpus), text: `${cpus}` };
  }
  const parsed = parseTopology(topology);
  const count = parsed.llcOf.length;
  if (cpus === undefined || cpus === count) return { topology: parsed, text: topology };
  throw new SchedcpError(
    "parameter-invalid",
    `--cpus ${cpus} and --topology ${topology} disagree: that topology has ${count} CPUs`,
    { hint: "Give one of them, or both with the same number of CPUs." },
  );
}
