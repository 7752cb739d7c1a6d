// scx_bpf_error() ends the scheduler for the whole machine. After a look-up or an allocation that can't
// fail in sound operation it is an assertion; where load alone leads there, it is a time bomb.

import { type BranchFact, type CallFact, comparedOrigins, type Site } from "../facts.ts";
import { nearestGuards } from "../guards.ts";
import { askedKeys, isDrifting, isOrdinaryIndex } from "../keys.ts";
import { isArrayMap } from "../map-kinds.ts";
import { cpusMax, ordinaryCpus } from "../memory.ts";
import { hotOps } from "../op-parameters.ts";
import { type Origins, sourcesOf } from "../origins.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import { opWords, originWords } from "../words.ts";

/** SCX_CPUPERF_ONE (include/linux/sched/ext.h). */
const performanceMax = 1024n;

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
      const refused = outOfRange(call);
      if (refused !== null) findings.push({ site: call, ...refused });
      if (!/^scx_bpf_(error|exit)/.test(call.name) || !isWatched(call)) continue;
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
      if (guards.some((guard) => isNullCheck(guard) && !isBeyond(evidence, guard))) continue;
      if (guards.some((guard) => isAsserted(evidence, guard))) continue;
      const cause = asked.find((origins) => isReached(evidence, origins));
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

/** Ops that run while tasks are scheduled, and those of CPUs that come and go. */
function isWatched({ name, activation: { op } }: CallFact): boolean {
  // A restart is what many ask for when a CPU comes or goes.
  if (op === "cpu_online" || op === "cpu_offline") return name.startsWith("scx_bpf_error");
  return hotOps.has(op);
}

/** Arguments for which the kernel ends the scheduler (ops_cpu_valid(), scx_bpf_cpuperf_set() in ext.c). */
function outOfRange({ name, args }: CallFact): Pick<Found, "message" | "hint"> | null {
  const [cpu, level] = args;
  const isCpu = /^scx_bpf_(kick_cpu|task_cpu|cpuperf_|cpu_curr|cpu_rq|test_and_clear)/.test(name);
  if (isCpu && cpu?.region === null && cpu.lo >= cpusMax && cpu.set !== null)
    return {
      message: `${name}() is called for CPU ${cpu.lo}, which no machine has: the kernel ends the scheduler there`,
      hint: "Pass a number that the kernel gave: the op's own cpu, scx_bpf_task_cpu(p), scx_bpf_pick_idle_cpu().",
    };
  if (name === "scx_bpf_cpuperf_set" && level?.region === null && level.lo > performanceMax)
    return {
      message: `scx_bpf_cpuperf_set() is called with ${level.lo}, more than SCX_CPUPERF_ONE (${performanceMax}): the kernel ends the scheduler there`,
      hint: `Pass 0 to ${performanceMax}.`,
    };
  return null;
}

/** A look-up or allocation failed, an index is out of its array, or a kfunc refused. */
function isAsserted(evidence: Evidence, guard: BranchFact): boolean {
  const { left, right, condition } = guard;
  const sources = [...comparedOrigins(guard).keys()];
  if (sources.some((source) => /^arg:\w+\.(cpu|prev_cpu)$/.test(source))) {
    const bound = right.lo === right.hi ? right.lo : left.lo === left.hi ? left.lo : null;
    const isSmall = bound !== null && bound >= 2n && bound < ordinaryCpus;
    return !(isSmall && /[gl]/.test(condition));
  }
  return sources.some(isAssertion) && !isBeyond(evidence, guard);
}

/** A look-up that finds nothing because of what it is asked with, and not because something went wrong. */
function isBeyond(evidence: Evidence, guard: BranchFact): boolean {
  const pointer = guard.left.region === null ? guard.right : guard.left;
  const isArray =
    pointer.region?.kind === "map-value" &&
    isArrayMap(evidence.object.maps[pointer.region.map]?.type);
  return askedKeys(comparedOrigins(guard)).some(
    ({ source }) => isDrifting(source) || (isArray && !isOrdinaryIndex(source)),
  );
}

/** Whether load or time leads there: by what is asked, or by what was looked up. */
function isReached(evidence: Evidence, origins: Origins): boolean {
  return (
    [...origins.keys()].some((source) => isLoad(evidence, source)) ||
    [...origins.keys()].some((source) => /^arg:\w+\.(cpu|prev_cpu)$/.test(source)) ||
    askedKeys(origins).some(
      ({ source }) => isDrifting(source) || (!isOrdinaryIndex(source) && isLoad(evidence, source)),
    )
  );
}

/** Of a pointer, or of one that the policy keeps in its own memory. */
function isNullCheck({ condition, left, right }: BranchFact): boolean {
  const isEquality = condition === "eq" || condition === "ne";
  const isKept = [...sourcesOf(left.origins).keys()].every((source) =>
    /^(cell:|memory)/.test(source),
  );
  const isPointer = left.region !== null || (left.hi === 2n ** 64n - 1n && isKept);
  return isEquality && right.region === null && right.hi === 0n && isPointer;
}

function isAssertion(source: string): boolean {
  return (
    /^(storage|lookup):/.test(source) ||
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
