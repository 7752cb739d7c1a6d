// scx_bpf_error() ends the scheduler for the whole machine. After a look-up or an allocation that can't
// fail in sound operation it is an assertion; where load alone leads there, it is a time bomb.

import type { Site } from "../facts.ts";
import { type BranchFact, comparedOrigins } from "../facts.ts";
import { nearestGuards } from "../guards.ts";
import { hotOps } from "../op-parameters.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import { opWords, originWords } from "../words.ts";

export const errorExit: Rule = {
  id: "static/error-exit",
  severity: "error",
  title: "load, time or ordinary tasks lead to scx_bpf_error()",
  rationale:
    "scx_bpf_error() disables the scheduler (scx_vexit() in kernel/sched/ext/ext.c). Users saw 8 such exits in 50 minutes (scx #3791).",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: Site | null = null;
    for (const call of evidence.calls) {
      if (!/^scx_bpf_(error|exit)/.test(call.name) || !hotOps.has(call.activation.op)) continue;
      const guards = nearestGuards(evidence.facts, call);
      if (guards.length === 0) {
        findings.push({
          site: call,
          message: `${opWords(call)} ends the scheduler whenever it gets here: nothing decides against it`,
          hint: "Remove the call, or make it depend on what can't happen.",
        });
        continue;
      }
      const asked = guards.map(comparedOrigins);
      if (guards.some(isNullCheck)) continue;
      if (asked.some((origins) => [...origins.keys()].some(isAssertion))) continue;
      const cause = asked.find((origins) =>
        [...origins.keys()].some((source) => isLoad(evidence, source)),
      );
      if (cause === undefined) {
        open ??= call;
        continue;
      }
      findings.push({
        site: call,
        message: `${opWords(call)} ends the scheduler where ${originWords(cause)} says so: ordinary load can lead there`,
        hint: "Handle it: insert the task into a shared DSQ instead, drop the statistics, or fall back to a default.",
      });
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("whether a scheduler in good order can reach scx_bpf_error()", open);
  },
};

/** Of a pointer, or of one that the policy keeps in its own memory. */
function isNullCheck({ condition, left, right }: BranchFact): boolean {
  const isEquality = condition === "eq" || condition === "ne";
  const isKept = [...left.origins.keys()].every((source) => /^(cell:|memory)/.test(source));
  const isPointer = left.region !== null || (left.hi === 2n ** 64n - 1n && isKept);
  return isEquality && right.region === null && right.hi === 0n && isPointer;
}

/** A look-up or allocation failed, an index is out of its array, or a kfunc refused. */
function isAssertion(source: string): boolean {
  return (
    /^(storage|lookup):/.test(source) ||
    /^arg:\w+\.(cpu|prev_cpu)$/.test(source) ||
    /^call:(bpf_obj_new|bpf_cpumask_(create|acquire)|bpf_kptr_xchg|bpf_task_(from|acquire)|bpf_cgroup_(from|acquire)|scx_bpf_create_dsq|bpf_get_smp|scx_bpf_task_cpu|bpf_(per|this)_cpu_ptr|bpf_rbtree|bpf_list|bpf_timer|bpf_cgrp_storage|bpf_task_storage|bpf_map_lookup|bpf_map_update|scx_bpf_task_cgroup|bpf_cpumask_test)/.test(
      source,
    ) ||
    source === "memory" ||
    source.startsWith("ksym:")
  );
}

/** What grows or changes with load and time, or is a property of ordinary tasks. */
function isLoad({ data }: Evidence, source: string): boolean {
  // What only init() and exit() set does not change while the policy runs.
  if (source.startsWith("cell:"))
    return data.storesOf(source).some(({ activation }) => hotOps.has(activation.op));
  return (
    /^call:(scx_bpf_dsq_nr_queued|scx_bpf_now|bpf_ktime|bpf_map_push_elem|bpf_ringbuf|scx_bpf_dispatch_nr_slots|scx_bpf_dsq_move|bpf_get_prandom)/.test(
      source,
    ) ||
    /^field:task_struct\./.test(source) ||
    /^arg:\w+\.(enq_flags|wake_flags|deq_flags|weight)$/.test(source)
  );
}
