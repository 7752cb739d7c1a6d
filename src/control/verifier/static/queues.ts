// Which DSQs a policy fills, empties and creates, with all that the calls can mean. Made from the facts,
// for the rules about queues.

import {
  type Insertion,
  insertionOf,
  isInsert,
  isMove,
  isMoveToLocal,
  type Move,
  moveOf,
} from "./dsq-calls.ts";
import type { CallFact } from "./facts.ts";
import type { Evidence } from "./rule.ts";
import type { Value } from "./value.ts";

/** SCX_DSQ_FLAG_BUILTIN; with SCX_DSQ_FLAG_LOCAL_ON, SCX_DSQ_LOCAL_ON (include/linux/sched/ext.h). */
const builtin = 1n << 63n;
export const localOn = builtin | (1n << 62n);

export interface Inserting extends Insertion {
  readonly call: CallFact;
}
export interface Moving extends Move {
  readonly call: CallFact;
}
export interface Draining {
  readonly call: CallFact;
  readonly dsq: Value;
}

export function insertions({ calls }: Evidence): Inserting[] {
  return calls.filter(({ name }) => isInsert(name)).map((call) => ({ call, ...insertionOf(call) }));
}

/** What a task is given: its queue, its slice, its place in the order. */
export function given({ dsq, slice, vtime }: Omit<Insertion, "task" | "flags">): Value[] {
  return vtime === null ? [dsq, slice] : [dsq, slice, vtime];
}

export function moves({ calls }: Evidence): Moving[] {
  return calls.filter(({ name }) => isMove(name)).map((call) => ({ call, ...moveOf(call) }));
}

/** All that takes tasks out of a policy's DSQ. */
export function drains(evidence: Evidence): Draining[] {
  const plain = evidence.calls.flatMap((call): Draining[] => {
    const [dsq] = call.args;
    return isMoveToLocal(call.name) && dsq !== undefined ? [{ call, dsq }] : [];
  });
  return [...plain, ...moves(evidence).map(({ call, from }) => ({ call, dsq: from }))];
}

export function creations({ calls }: Evidence): Draining[] {
  return calls.flatMap((call): Draining[] => {
    const [dsq] = call.args;
    return call.name === "scx_bpf_create_dsq" && dsq !== undefined ? [{ call, dsq }] : [];
  });
}

/** Whether the id can only be one of the policy's own DSQs. */
export function isOwn(dsq: Value): boolean {
  return dsq.region === null && dsq.hi < builtin;
}

export function mayBe(value: Value, id: bigint): boolean {
  if (value.region !== null) return true;
  if (value.set !== null) return value.set.includes(id);
  return value.lo <= id && id <= value.hi;
}

export function overlap(a: Value, b: Value): boolean {
  if (a.region !== null || b.region !== null) return true;
  if (a.set !== null) return a.set.some((each) => mayBe(b, each));
  if (b.set !== null) return b.set.some((each) => mayBe(a, each));
  return a.lo <= b.hi && b.lo <= a.hi;
}

/** Tasks that come into DSQs from elsewhere than enqueue() and iterators: the policy's own structures. */
export function hasOwnQueue(evidence: Evidence): boolean {
  return insertions(evidence).some(({ call, task }) => {
    const { op } = call.activation;
    if (op === "enqueue" || op === "select_cpu") return false;
    return task.region?.kind !== "kernel" || task.region.role !== "prev";
  });
}
