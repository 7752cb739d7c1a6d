// What the target kernel still takes, but says will go.

import { siteKey } from "../facts.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

/** Kfunc → what to use; only where the kernel has that. */
const replacements: Readonly<Record<string, string>> = {
  scx_bpf_dispatch: "scx_bpf_dsq_insert",
  scx_bpf_dispatch_vtime: "scx_bpf_dsq_insert_vtime",
  scx_bpf_consume: "scx_bpf_dsq_move_to_local",
  scx_bpf_dispatch_from_dsq: "scx_bpf_dsq_move",
  scx_bpf_dispatch_vtime_from_dsq: "scx_bpf_dsq_move_vtime",
  scx_bpf_cpu_rq: "scx_bpf_cpu_curr",
};
const fields: Readonly<Record<string, string>> = {
  "task_struct.scx.slice": "scx_bpf_task_set_slice",
  "task_struct.scx.dsq_vtime": "scx_bpf_task_set_dsq_vtime",
};

export const deprecated: Rule = {
  id: "static/deprecated",
  severity: "warning",
  title: "the target kernel deprecates this",
  rationale:
    "Seen on kernel 7.2: direct writes to p->scx.slice and dsq_vtime are deprecated in 7.x; names from before 6.13 are gone, scx_bpf_cpu_rq() warns (kernel/sched/ext/ext.c).",
  standsAlone: true,
  check(evidence: Evidence): Answer {
    const { facts, types, calls } = evidence;
    const findings: Found[] = [];
    for (const call of calls) {
      const instead = replacements[call.fullName];
      if (instead === undefined || !types.hasFunction(instead)) continue;
      findings.push({
        site: call,
        message: `${opWords(call)} calls ${call.fullName}(), which this kernel deprecates`,
        hint: `Use ${instead}().`,
      });
    }
    for (const store of facts.stores.values()) {
      const instead = fields[store.cell.base];
      const byCall = facts.calls.has(siteKey(store));
      if (instead === undefined || byCall || !types.hasFunction(instead)) continue;
      const field = store.cell.base.replace("task_struct.", "p->");
      findings.push({
        site: store,
        message: `${opWords(store)} writes ${field} directly, which this kernel deprecates`,
        hint: `Use ${instead}(p, value).`,
      });
    }
    return found(findings);
  },
};
