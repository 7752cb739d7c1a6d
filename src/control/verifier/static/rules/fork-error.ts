// init_task() and the cgroup ops run for every task of the machine, whoever schedules it: an error makes a
// fork fail, or a move between cgroups.

import { fromAllocation } from "../call-effects.ts";
import type { ExitFact } from "../facts.ts";
import { forkPathOps } from "../op-parameters.ts";
import { sourcesOf } from "../origins.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";

export const forkError: Rule = {
  id: "static/fork-error",
  severity: "error",
  title: "a fork can fail though no allocation did",
  rationale:
    "scx_init_task() in kernel/sched/ext/ext.c passes the error on to fork(). Seen on kernel 7.2: −ENOMEM from init_task failed 69 of 227 ordinary forks and killed init while the state said “enabled”.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: ExitFact | null = null;
    for (const exit of evidence.facts.exits.values()) {
      const { activation, path, result } = exit;
      if (!forkPathOps.has(activation.op) || path.failed || path.ended) continue;
      const low = result.region === null ? BigInt.asUintN(32, result.lo) : 0n;
      if (result.region === null && result.hi === 0n) continue;
      if (fromAllocation(result.origins) && result.set === null) continue;
      // Made by arithmetic from what the task is: some tasks get an error.
      const isProperty =
        result.origins.size > 0 &&
        [...sourcesOf(result.origins).keys()].every((source) => /^(field|arg):/.test(source));
      const isError =
        result.set !== null ? result.set.some((each) => each !== 0n) : low > 0n || isProperty;
      if (!isError) {
        open ??= exit;
        continue;
      }
      findings.push({
        site: exit,
        message: `${activation.op}() can return an error though no allocation failed: forks, or moves between cgroups, of ordinary tasks would fail`,
        hint: "Return 0; treat a task that the policy can't handle as an ordinary one. Only a failed allocation of the task's own state may be returned (-ENOMEM).",
      });
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("what the op returns", open);
  },
};
