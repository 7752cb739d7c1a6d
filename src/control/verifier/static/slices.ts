// Every slice that a policy gives: with an insertion, by scx_bpf_task_set_slice() or a store to the field. Called by
// rules.

import type { Site } from "./facts.ts";
import { insertions } from "./queues.ts";
import type { Evidence } from "./rule.ts";
import type { Value } from "./value.ts";

export function slices(evidence: Evidence): { site: Site; slice: Value }[] {
  const stored = [...evidence.facts.stores.values()]
    .filter(({ cell }) => cell.base === "task_struct.scx.slice")
    .map((store) => ({ site: store, slice: store.value }));
  return [...insertions(evidence).map(({ call, slice }) => ({ site: call, slice })), ...stored];
}
