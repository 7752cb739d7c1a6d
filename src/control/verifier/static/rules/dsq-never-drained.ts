// A DSQ of the policy's own is emptied by nobody but the policy (scx_bpf_dsq_move_to_local() and its like in
// kernel/sched/ext/ext.c): what is put where nothing takes from waits for ever.

import { drains, insertions, isOwn, mayBe, moves, overlap } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

export const dsqNeverDrained: Rule = {
  id: "static/dsq-never-drained",
  severity: "error",
  title: "a DSQ is filled and never emptied",
  rationale:
    "The kernel empties only the local DSQs and SCX_DSQ_GLOBAL by itself (balance_one() in kernel/sched/ext/ext.c).",
  check(evidence: Evidence): Answer {
    const taken = drains(evidence);
    const filled = [
      ...insertions(evidence).map(({ call, dsq }) => ({ call, dsq })),
      ...moves(evidence).map(({ call, to }) => ({ call, dsq: to })),
    ];
    const findings: Found[] = [];
    for (const { call, dsq } of filled) {
      if (dsq.set === null && !isOwn(dsq)) continue;
      const own = (dsq.set ?? []).filter((id) => id < 1n << 63n);
      const never = own.filter((id) => !taken.some(({ dsq: each }) => mayBe(each, id)));
      const none = dsq.set === null && !taken.some(({ dsq: each }) => overlap(each, dsq));
      if (never.length === 0 && !none) continue;
      const which = none ? "these DSQs" : `DSQ ${never.join(" and ")}`;
      findings.push({
        site: call,
        message: `${opWords(call)} puts tasks into ${which}, and nothing ever takes them out again`,
        hint: `Take tasks out of it in dispatch(): scx_bpf_dsq_move_to_local(${never[0] ?? "id"}).`,
      });
    }
    return found(findings);
  },
};
