// The maps of the object: of kinds that only the policy itself sees, not pinned, and of bounded memory.
// Called by admit.ts.

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfObject, MapDefinition } from "../../../simulator/object/bpf-object.ts";
import { finding } from "./finding.ts";

/** enum bpf_map_type (include/uapi/linux/bpf.h) → its name, of those that a policy may have. */
const allowedTypes: ReadonlyMap<number, string> = new Map([
  ...([
    [1, "hash"],
    [2, "array"],
    [5, "per-CPU hash"],
    [6, "per-CPU array"],
  ] as const),
  ...([
    [9, "LRU hash"],
    [10, "per-CPU LRU hash"],
    [11, "LPM trie"],
  ] as const),
  ...([
    [12, "array of maps"],
    [13, "hash of maps"],
  ] as const),
  ...([
    [22, "queue"],
    [23, "stack"],
    [26, "struct_ops"],
  ] as const),
  ...([
    [29, "task storage"],
    [30, "bloom filter"],
    [32, "cgroup storage"],
    [33, "arena"],
  ] as const),
]);

/** Kernel memory, counted as if every entry were there and every CPU had its own. */
export const mapBytesMax = 256 * 1024 * 1024;
/** Bookkeeping of the kernel's for one entry of a hash. */
const entryBytes = 64;
const cpusCounted = 64;
/** PID_MAX_DEFAULT: what a machine of a few CPUs allows. */
const tasksCounted = 32_768;
const cgroupsCounted = 4096;
const pageBytes = 4096;

export function mapFindings({ maps }: BpfObject): Finding[] {
  const findings = maps.flatMap((map) => [...typeFindings(map), ...pinFindings(map)]);
  const bytes = maps.reduce((sum, map) => sum + bytesOf(map), 0);
  if (bytes > mapBytesMax) {
    const largest = maps.reduce((most, map) => (bytesOf(map) > bytesOf(most) ? map : most));
    findings.push(
      finding({
        rule: "admission/map-memory",
        message: `its maps may take ${mib(bytes)} MiB of kernel memory, ${largest.name} most of it; ${mib(mapBytesMax)} are allowed`,
        hint: `Lower max_entries or the size of the value; what belongs to a task, keep in task storage, which counts as ${tasksCounted} tasks.`,
      }),
    );
  }
  return findings;
}

function typeFindings(map: MapDefinition): Finding[] {
  if (map.section !== null || allowedTypes.has(map.type)) return [];
  const allowed = [...allowedTypes.values()].filter((name) => name !== "struct_ops").join(", ");
  return [
    finding({
      rule: "admission/map-type",
      message: `the map ${map.name} is of type ${map.type}, which a policy may not have`,
      hint: `Maps that only the policy sees are allowed: ${allowed}.`,
    }),
  ];
}

function pinFindings(map: MapDefinition): Finding[] {
  if (!map.pinned) return [];
  return [
    finding({
      rule: "admission/pin",
      message: `the map ${map.name} asks to be pinned: it would outlive the policy`,
      hint: "Take out __uint(pinning, …).",
    }),
  ];
}

/** Task and cgroup storage has an entry for each task or cgroup that there is, whatever max_entries says. */
function bytesOf(map: MapDefinition): number {
  const value = Math.ceil(map.valueSize / 8) * 8;
  const perCpu = [5, 6, 10].includes(map.type) ? cpusCounted : 1;
  if (map.type === 33) return map.maxEntries * pageBytes;
  if (map.type === 26) return value;
  if (map.type === 29) return tasksCounted * (value + entryBytes);
  if (map.type === 32) return cgroupsCounted * (value + entryBytes);
  const hashed = [1, 5, 9, 10, 11].includes(map.type);
  return map.maxEntries * (value * perCpu + (hashed ? entryBytes + map.keySize : 0));
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
