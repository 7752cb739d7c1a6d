// The words with which the kernel (scx_error(), scx_exit() and their callers in kernel/sched/ext, as of 6.12
// to 7.2) ejects a scheduler, what each means, and what to change. Stalls are judged from the dump: stall.ts.

import type { Explanation } from "../../contract/explanation.ts";
import { enqueueExits } from "./enqueue-exits.ts";
import { kernelExits } from "./kernel-exits.ts";
import { orderlyExits } from "./orderly-exits.ts";
import type { Reproduction } from "./reproduction.ts";
import { setupExits } from "./setup-exits.ts";

export interface KnownExit {
  id: string;
  /** Tried on `reason` and `message` in two lines. Without nested repetition: it meets hostile text. */
  pattern: RegExp;
  blame: Explanation["blame"];
  /** What happened; groups of the pattern are escaped before they are handed over. */
  summary: (groups: readonly string[]) => string;
  remedy: readonly string[];
  reproduction?: Reproduction["kind"];
}

/** The first that fits is told. */
export const knownExits: readonly KnownExit[] = [
  ...setupExits,
  ...enqueueExits,
  ...kernelExits,
  ...orderlyExits,
];
