// How large a map may be here. The kernel would give a gigabyte; the sandbox says no with words.

import { ObjectError, SimulatorLimit } from "../../errors.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";

/** Bytes of values (and keys) of one map in linear memory. */
export const MAP_BYTES_MAX = 512 * 1024 * 1024;
/** KMALLOC_MAX_SIZE bounds a value of all but arrays (htab_map_alloc_check and its kin). */
const VALUE_BYTES_MAX = 4 * 1024 * 1024;
/** PCPU_MIN_UNIT_SIZE bounds what every CPU has a copy of. */
export const PER_CPU_BYTES_MAX = 32 * 1024;
/** MAX_BPF_STACK: a key is built on the stack. */
const KEY_BYTES_MAX = 512;

/** Throws where the kernel would answer EINVAL or E2BIG, or the sandbox has no room. */
export function checkShape(
  definition: MapDefinition,
  needs: "key" | "no-key",
  valueBytesMax = VALUE_BYTES_MAX,
): void {
  const { name, keySize, valueSize, maxEntries } = definition;
  if (needs === "key" && (keySize < 1 || keySize > KEY_BYTES_MAX))
    throw new ObjectError(`map "${name}" has keys of ${keySize} bytes (1 to ${KEY_BYTES_MAX})`);
  if (valueSize < 1 || valueSize > valueBytesMax)
    throw new ObjectError(`map "${name}" has values of ${valueSize} bytes (1 to ${valueBytesMax})`);
  if (maxEntries < 1) throw new ObjectError(`map "${name}" has no max_entries`);
}

/** Throws SimulatorLimit where a map would need more than `MAP_BYTES_MAX`. */
export function checkBytes(name: string, bytes: number): void {
  if (bytes <= MAP_BYTES_MAX) return;
  const mebibytes = Math.ceil(bytes / 1024 / 1024);
  throw new SimulatorLimit(
    `map "${name}" needs ${mebibytes} MiB; the simulator gives one map at most ${MAP_BYTES_MAX / 1024 / 1024} MiB`,
  );
}
