// Topologies from short texts: how many CPUs share a core, a last-level cache and a memory node.
// Called by simulate (`--cpus`, `--topology`) and by the families.

import { SchedcpError } from "../../contract/errors.ts";
import type { Topology } from "./scenario.ts";

/** CPUs that a simulated machine may have. */
export const cpusMax = 1024;
/** Capacity of the smaller CPUs of an asymmetric machine; 1024 is the biggest's. */
const littleCapacity = 512;

export interface TopologyShape {
  nodes: number;
  /** Last-level caches per node, cores per cache, threads per core. */
  llc: number;
  cores: number;
  smt: number;
  /** So many of the last CPUs have half the capacity. */
  little: number;
}

export function buildTopology(shape: TopologyShape): Topology {
  const topology: Topology = { llcOf: [], coreOf: [], nodeOf: [], capacityOf: [] };
  const cpus = shape.nodes * shape.llc * shape.cores * shape.smt;
  // Threads of a core are neighbours in number, as are cores of a cache.
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    const core = Math.floor(cpu / shape.smt);
    const llc = Math.floor(core / shape.cores);
    topology.coreOf.push(core);
    topology.llcOf.push(llc);
    topology.nodeOf.push(Math.floor(llc / shape.llc));
    topology.capacityOf.push(cpu >= cpus - shape.little ? littleCapacity : 1024);
  }
  return topology;
}

/** All CPUs alike, under one cache. */
export function flatTopology(cpus: number): Topology {
  return buildTopology({ nodes: 1, llc: 1, cores: cpus, smt: 1, little: 0 });
}

/** So many caches of so many CPUs each, on one node. */
export function llcTopology(caches: number, cpusEach: number): Topology {
  return buildTopology({ nodes: 1, llc: caches, cores: cpusEach, smt: 1, little: 0 });
}

const keys = ["nodes", "llc", "cores", "smt", "little"] as const;

/**
 * `8`: CPUs under one cache. `2x4`: caches × CPUs; `2x4x2`: caches × cores × threads. Or keys in any
 * order: `nodes=2,llc=2,cores=4,smt=2,little=0`, where `llc` counts per node and `cores` per cache; a
 * key that is left out is 1 (little: 0). Throws `parameter-invalid`.
 */
export function parseTopology(text: string): Topology {
  const shape = /^[0-9x]+$/.test(text) ? shapeOfProduct(text) : shapeOfKeys(text);
  const cpus = shape.nodes * shape.llc * shape.cores * shape.smt;
  if (cpus > cpusMax) throw invalid(text, `it has ${cpus} CPUs; at most ${cpusMax} are simulated`);
  if (shape.little >= cpus) throw invalid(text, "at least one CPU must not be little");
  return buildTopology(shape);
}

function shapeOfProduct(text: string): TopologyShape {
  const factors = text.split("x").map((factor) => positive(text, factor));
  const shape = { nodes: 1, llc: 1, cores: 1, smt: 1, little: 0 };
  const [first, second, third] = factors;
  if (factors.length === 1 && first !== undefined) return { ...shape, cores: first };
  if (factors.length <= 3 && first !== undefined && second !== undefined) {
    return { ...shape, llc: first, cores: second, smt: third ?? 1 };
  }
  throw invalid(text, "a product has at most three factors: caches x cores x threads");
}

function shapeOfKeys(text: string): TopologyShape {
  const shape: TopologyShape = { nodes: 1, llc: 1, cores: 1, smt: 1, little: 0 };
  const seen = new Set<string>();
  for (const part of text.split(",")) {
    const [key = "", value = "", ...rest] = part.trim().split("=");
    const known = keys.find((each) => each === key);
    if (known === undefined || rest.length > 0) {
      throw invalid(
        text,
        `'${clip(part)}' is none of ${keys.map((each) => `${each}=N`).join(", ")}`,
      );
    }
    if (seen.has(key)) throw invalid(text, `${key} is given twice`);
    seen.add(key);
    shape[known] = key === "little" && value === "0" ? 0 : positive(text, value);
  }
  return shape;
}

function positive(text: string, value: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(value)) {
    throw invalid(text, `'${clip(value)}' is no whole number from 1 to 9999`);
  }
  return Number(value);
}

function clip(text: string): string {
  return text.slice(0, 32).replace(/[^\x20-\x7e]/g, "?");
}

function invalid(text: string, reason: string): SchedcpError {
  return new SchedcpError("parameter-invalid", `the topology '${clip(text)}' can't be: ${reason}`, {
    hint: "Write 8 (CPUs under one cache), 2x4 (caches x cores), 2x4x2 (caches x cores x threads), or nodes=2,llc=2,cores=4,smt=2.",
  });
}
