// A task that enqueue() puts nowhere never runs again: the kernel has given it to the policy
// (do_enqueue_task() in kernel/sched/ext/ext.c) and waits until its watchdog fires.

import { isInsert } from "../dsq-calls.ts";
import type { ExitFact } from "../facts.ts";
import { comparedOrigins } from "../facts.ts";
import { hasSource } from "../origins.ts";
import { decidingBranch } from "../paths.ts";
import { hasOwnQueue } from "../queues.ts";
import {
  type Answer,
  type Evidence,
  type Found,
  fine,
  found,
  type Rule,
  unknown,
} from "../rule.ts";
import { originWords, startOf } from "../words.ts";

export const lostTask: Rule = {
  id: "static/lost-task",
  severity: "error",
  title: "a path of enqueue() inserts the task nowhere",
  rationale:
    "do_enqueue_task() leaves the task to ops.enqueue(); nobody else inserts it. Seen on kernel 7.2: dropping every task of one name ran on until the watchdog.",
  check(evidence: Evidence): Answer {
    const { facts } = evidence;
    if (!evidence.ops.has("enqueue")) return fine;
    const lost = [...facts.exits.values()].filter(
      ({ activation, path }) => activation.op === "enqueue" && path.inserts === 0 && !path.ended,
    );
    if (lost.length === 0) return fine;
    if (hasOwnQueue(evidence))
      return unknown(
        "the policy keeps tasks in a structure of its own",
        startOf(facts, "enqueue") ?? undefined,
      );
    return found(lost.map((exit) => describe(evidence, exit)));
  },
};

function describe(evidence: Evidence, exit: ExitFact): Found {
  const { facts } = evidence;
  const branch = decidingBranch(facts, exit, ({ name }) => isInsert(name));
  const hint =
    "Let every path of enqueue() end in scx_bpf_dsq_insert() or scx_bpf_dsq_insert_vtime(): put a fallback into a shared DSQ before each early return.";
  if (branch === null) {
    const site = startOf(facts, "enqueue");
    return { site, message: "enqueue() inserts the task into no DSQ", hint };
  }
  const origins = comparedOrigins(branch);
  const message = `where ${originWords(origins)} decides so, enqueue() returns without having inserted the task into a DSQ: it never runs again`;
  // Task storage made in init_task() is there for every task; still, the fallback costs nothing.
  const isCertain = !hasSource(branch.left.origins, "storage:");
  return isCertain
    ? { site: branch, message, hint }
    : { site: branch, message, hint, severity: "warning" };
}
