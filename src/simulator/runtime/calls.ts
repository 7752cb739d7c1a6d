// All helpers and kfuncs in one table for the translator. What is not in it is unsupported: the
// translator says so by name, and reaching it makes a run inconclusive. Made once per policy instance.

import type { Call, CallTable } from "../machine/calls.ts";
import { byName } from "./declare.ts";
import { callbackHelpers } from "./helpers/callbacks.ts";
import { currentHelpers } from "./helpers/current.ts";
import { dynptrCalls } from "./helpers/dynptrs.ts";
import { mapHelpers } from "./helpers/maps.ts";
import { memoryHelpers } from "./helpers/memory.ts";
import { contextKfuncs } from "./kfuncs/contexts.ts";
import { cpumaskKfuncs } from "./kfuncs/cpumasks.ts";
import { cpuKfuncs } from "./kfuncs/cpus.ts";
import { dsqKfuncs } from "./kfuncs/dsq.ts";
import { graphKfuncs } from "./kfuncs/graphs.ts";
import { idleKfuncs } from "./kfuncs/idle.ts";
import { iteratorKfuncs } from "./kfuncs/iterators.ts";
import { referenceKfuncs } from "./kfuncs/references.ts";
import type { Surroundings } from "./surroundings.ts";

export function callTable(surroundings: Surroundings): CallTable {
  const dynptrs = dynptrCalls(surroundings);
  const kfuncs = [
    ...dsqKfuncs(surroundings),
    ...idleKfuncs(surroundings),
    ...cpuKfuncs(surroundings),
    ...cpumaskKfuncs(surroundings),
    ...referenceKfuncs(surroundings),
    ...iteratorKfuncs(surroundings),
    ...graphKfuncs(surroundings),
    ...contextKfuncs(surroundings),
    ...dynptrs.kfuncs,
  ];
  return {
    helpers: new Map([
      ...mapHelpers(surroundings),
      ...currentHelpers(surroundings),
      ...callbackHelpers(surroundings),
      ...memoryHelpers(surroundings),
      ...dynptrs.helpers,
    ]),
    kfuncs: byName(kfuncs),
  };
}

/**
 * A kfunc called from an op that may not: it ends the policy. The kernel's verifier would not have loaded
 * the program (scx_kfunc_context_filter). A timer's callback is judged there by the program that sets it,
 * which is not known here: it may call all.
 */
export function refuseCall(surroundings: Surroundings, { name }: Call): void {
  surroundings.kernel.runtimeError(
    `${name}() may not be called from ops.${surroundings.op}(): the kernel's verifier refuses it`,
  );
}
