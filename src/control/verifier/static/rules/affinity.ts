// A task may only be put on a CPU of its affinity. SCX_DSQ_LOCAL_ON with another ends the scheduler
// (task_can_run_on_remote_rq() in kernel/sched/ext/ext.c: “target CPU not allowed”).

import type { Site } from "../facts.ts";
import { comparedOrigins } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { direction, type Origins } from "../origins.ts";
import { insertions, localOn, moves } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import type { Value } from "../value.ts";
import { opWords, originWords } from "../words.ts";

export const affinity: Rule = {
  id: "static/affinity",
  severity: "error",
  title: "SCX_DSQ_LOCAL_ON without a look at the task's affinity",
  rationale:
    "task_can_run_on_remote_rq() in kernel/sched/ext/ext.c ends the scheduler when the CPU is not in p->cpus_ptr, or keeps the task from its CPU.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: Site | null = null;
    for (const { site, dsq } of targets(evidence)) {
      if (!mayBeLocalOn(dsq)) continue;
      const decided = evidence.data.resolve(dsq.origins);
      const sources = new Map([...decided].filter(([, way]) => way !== direction.control));
      const checked = guardsOf(evidence.facts, site).some((guard) =>
        [...evidence.control.resolve(comparedOrigins(guard)).keys()].some(isCheck),
      );
      const all = [...decided.keys()];
      if (checked || all.some(isCheck)) continue;
      if (all.some(isAllowedCpu)) {
        // One CPU of several: the loop's number, say, or else where the task is.
        if ([...sources.keys()].some((source) => source.startsWith("iter:"))) open ??= site;
        continue;
      }
      if (![...sources.keys()].every(isUnrelated)) {
        open ??= site;
        continue;
      }
      findings.push({
        site,
        message: `${opWords(site)} puts the task on a CPU that ${from(sources)} names, whether or not its affinity allows that CPU`,
        hint: "Test it first: bpf_cpumask_test_cpu(cpu, p->cpus_ptr), else insert into a shared DSQ; or take the CPU from scx_bpf_pick_idle_cpu(p->cpus_ptr, 0).",
      });
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("whether the CPU of SCX_DSQ_LOCAL_ON is one that the task may use", open);
  },
};

function targets(evidence: Evidence): { site: Site; dsq: Value }[] {
  return [
    ...insertions(evidence).map(({ call, dsq }) => ({ site: call, dsq })),
    ...moves(evidence).map(({ call, to }) => ({ site: call, dsq: to })),
  ];
}

/** The compiler may have made one call of several; a number of which nothing is known is left alone. */
function mayBeLocalOn(dsq: Value): boolean {
  if (dsq.region !== null) return false;
  if (dsq.set !== null) return dsq.set.some((each) => each >= localOn);
  return dsq.hi >= localOn && dsq.hi < 2n ** 64n - 1n;
}

function from(sources: Origins): string {
  return originWords(sources);
}

/** Tests of affinity. */
function isCheck(source: string): boolean {
  return /^call:bpf_cpumask_(test_cpu|intersects|subset|first_and|any_and)|^field:task_struct\.(nr_cpus_allowed|cpus_ptr|cpus_mask|migration_disabled)|^call:scx_bpf_(pick|test_and|select)/.test(
    source,
  );
}

/** CPUs that the kernel chose within the task's affinity, or where it is. */
function isAllowedCpu(source: string): boolean {
  return /^call:(scx_bpf_(pick|select|task_cpu|test_and)|__scx_bpf_select|bpf_cpumask_)|^arg:select_cpu\.prev_cpu$|^field:task_struct\.(thread_info\.cpu|wake_cpu|recent_used_cpu|cpus_ptr|cpus_mask)/.test(
    source,
  );
}

/** Numbers that have nothing to do with the task's affinity. */
function isUnrelated(source: string): boolean {
  return (
    /^(knob|iter|kconfig):/.test(source) ||
    /^call:(scx_bpf_nr_cpu_ids|bpf_get_smp_processor_id|bpf_get_prandom_u32|bpf_ktime|scx_bpf_now|scx_bpf_dsq_nr)/.test(
      source,
    ) ||
    /^field:task_struct\.(pid|tgid|scx\.weight|prio|static_prio)$/.test(source) ||
    /^cell:(?!map |heap )/.test(source) ||
    /^arg:(dispatch\.cpu|\w+\.(enq_flags|wake_flags))$/.test(source)
  );
}
