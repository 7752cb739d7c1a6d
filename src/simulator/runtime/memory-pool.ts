// Sandboxes that were given back, to be used again. Each is gigabytes of address space: to make one
// costs the garbage collector several milliseconds, a multiple of all else that a small policy needs.
// A large one is not kept, because its pages stay resident. Called by create-policy.ts.

import type { SandboxMemory } from "../machine/memory.ts";
import { createSandboxMemory } from "../machine/sandbox-memory.ts";

const KEPT_MAX = 2;
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

const kept: { limitBytes: number; memory: SandboxMemory }[] = [];

export function takeMemory(limitBytes: number): SandboxMemory {
  const index = kept.findIndex((each) => each.limitBytes === limitBytes);
  const [found] = index < 0 ? [] : kept.splice(index, 1);
  return found?.memory ?? createSandboxMemory(limitBytes);
}

/** Nothing may use the memory afterwards. */
export function giveBackMemory(limitBytes: number, memory: SandboxMemory): void {
  if (memory.usedBytes > KEPT_BYTES_MAX) return;
  memory.reset();
  kept.push({ limitBytes, memory });
  if (kept.length > KEPT_MAX) kept.shift();
}
