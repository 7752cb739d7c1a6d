// Who shares what: SMT siblings, last-level caches, NUMA nodes, capacities. Built once from a scenario.

import type { Topology } from "../scenario/scenario.ts";
import { migrationOtherLlcNs, migrationOtherNodeNs, migrationSameLlcNs } from "./constants.ts";

export interface MachineTopology {
  readonly cpus: number;
  readonly llcOf: Int32Array;
  readonly coreOf: Int32Array;
  readonly nodeOf: Int32Array;
  readonly capacityOf: Int32Array;
  /** By CPU: all CPUs of its core, LLC, node, itself among them. */
  readonly siblings: readonly (readonly number[])[];
  readonly llcCpus: readonly (readonly number[])[];
  readonly nodeCpus: readonly (readonly number[])[];
  readonly nodes: number;
  readonly smt: boolean;
  readonly llcs: number;
}

export function machineTopology(topology: Topology): MachineTopology {
  const cpus = topology.llcOf.length;
  const sharing = (of: readonly number[]): number[][] =>
    of.map((index) => of.flatMap((other, cpu) => (other === index ? [cpu] : [])));
  const siblings = sharing(topology.coreOf);
  return {
    cpus,
    llcOf: Int32Array.from(topology.llcOf),
    coreOf: Int32Array.from(topology.coreOf),
    nodeOf: Int32Array.from(topology.nodeOf),
    capacityOf: Int32Array.from(topology.capacityOf),
    siblings,
    llcCpus: sharing(topology.llcOf),
    nodeCpus: sharing(topology.nodeOf),
    nodes: 1 + Math.max(...topology.nodeOf),
    smt: siblings.some((core) => core.length > 1),
    llcs: new Set(topology.llcOf).size,
  };
}

/** The cost model's price of cold caches for a task that ran on `from` and now runs on `to`. */
export function migrationCostNs(topology: MachineTopology, from: number, to: number): number {
  if (topology.coreOf[from] === topology.coreOf[to]) return 0;
  if (topology.llcOf[from] === topology.llcOf[to]) return migrationSameLlcNs;
  if (topology.nodeOf[from] === topology.nodeOf[to]) return migrationOtherLlcNs;
  return migrationOtherNodeNs;
}
