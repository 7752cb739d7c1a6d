// A CPU that dispatch() never gives anything idles while tasks wait, and tasks that may run nowhere else
// wait for ever.

import { rangeAfter } from "../branch.ts";
import { isInsert, isMove, isMoveToLocal } from "../dsq-calls.ts";
import type { BranchFact } from "../facts.ts";
import { arrayUsual, ordinaryCpus } from "../memory.ts";
import { hasSource } from "../origins.ts";
import { decisions } from "../paths.ts";
import { insertions, isOwn, localOn } from "../queues.ts";
import {
  type Answer,
  type Evidence,
  type Found,
  fine,
  found,
  type Rule,
  unknown,
} from "../rule.ts";

/** Nearly always, dispatch() runs on the CPU that it is for. */
const cpuSources = ["arg:dispatch.cpu", "call:bpf_get_smp_processor_id"];

export const cpuNotServed: Rule = {
  id: "static/cpu-not-served",
  severity: "error",
  title: "dispatch() never serves some CPU",
  rationale:
    "balance_one() asks ops.dispatch() for the CPU that has nothing to run; where it gives that CPU nothing, tasks bound to it starve and work is not conserved.",
  check(evidence: Evidence): Answer {
    const { facts } = evidence;
    const activation = facts.activations.get("dispatch");
    if (activation === undefined) return fine;
    const ends = [...facts.exits.values()].filter(({ activation: of }) => of === activation);
    if (!ends.some(({ path }) => !path.drains && !path.ended)) return fine;
    const gives = ({ name }: { name: string }): boolean =>
      isInsert(name) || isMove(name) || isMoveToLocal(name);
    const findings: Found[] = [];
    for (const { branch, without } of decisions(facts, activation, gives)) {
      const kind = without ? "taken" : "falls";
      const severity = judge(branch, kind === "taken");
      if (severity === null) continue;
      findings.push({
        site: branch,
        severity,
        message:
          "dispatch() gives nothing to some CPUs, chosen by their number: tasks that wait for these are not served",
        hint: "Serve every CPU that dispatch() is called for: end with scx_bpf_dsq_move_to_local() on all paths.",
      });
    }
    if (findings.length === 0) return fine;
    // Others may put tasks on those CPUs.
    const isGiven = insertions(evidence).some(({ dsq }) => !isOwn(dsq) && dsq.hi >= localOn);
    return isGiven
      ? unknown("some CPUs get tasks only by SCX_DSQ_LOCAL_ON", findings[0]?.site ?? undefined)
      : found(findings);
  },
};

function judge(branch: BranchFact, holds: boolean): "error" | "warning" | null {
  const { left, right } = branch;
  const sources = [...left.origins.keys(), ...right.origins.keys()];
  const own = cpuSources.find((source) => sources.includes(source));
  if (own === undefined) return null;
  const others = sources.filter((source) => source !== own);
  if (others.some((source) => !source.startsWith("knob:"))) return null;
  const [cpu, bound] = left.origins.has(own) ? [left, right] : [right, left];
  if (bound.lo !== bound.hi || cpu.region !== null) return null;
  const isDeclared = hasSource(bound.origins, "knob:");
  // A part of the number: odd ones, every fourth, …
  const isWhole = cpu.hi >= arrayUsual * 4n;
  const range = isWhole ? rangeAfter(branch, holds) : { lo: 0n };
  if (range === null || range.lo >= arrayUsual) return null;
  return range.lo >= ordinaryCpus || isDeclared ? "warning" : "error";
}
