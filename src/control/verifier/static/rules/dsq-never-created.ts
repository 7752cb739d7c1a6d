// Using a DSQ that does not exist ends the scheduler: "non-existent DSQ 0x…" (find_dsq_for_dispatch() and
// scx_dsq_move_to_local() in kernel/sched/ext/ext.c).

import { creations, drains, insertions, isOwn, mayBe, moves, overlap } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

export const dsqNeverCreated: Rule = {
  id: "static/dsq-never-created",
  severity: "error",
  title: "a DSQ is used that is never created",
  rationale:
    "find_dsq_for_dispatch() in kernel/sched/ext/ext.c ends the scheduler: “non-existent DSQ”.",
  check(evidence: Evidence): Answer {
    const made = creations(evidence);
    const used = [
      ...insertions(evidence).map(({ call, dsq }) => ({ call, dsq })),
      ...moves(evidence).map(({ call, to }) => ({ call, dsq: to })),
      ...drains(evidence),
    ];
    const findings: Found[] = [];
    for (const { call, dsq } of used) {
      const own = (dsq.set ?? []).filter((id) => id < 1n << 63n);
      const never = own.filter((id) => !made.some(({ dsq: each }) => mayBe(each, id)));
      const none =
        dsq.set === null && isOwn(dsq) && !made.some(({ dsq: each }) => overlap(each, dsq));
      if (never.length === 0 && !none) continue;
      const which = none
        ? "DSQs that init() does not create"
        : `DSQ ${never.join(" and ")}, which is never created`;
      findings.push({
        site: call,
        message: `${opWords(call)} uses ${which}: the kernel ends the scheduler when it gets there`,
        hint: `Create it in init(), which must be sleepable: scx_bpf_create_dsq(${never[0] ?? "id"}, -1), and return its error.`,
      });
    }
    return found(findings);
  },
};
