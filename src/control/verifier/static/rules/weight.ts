// What a policy makes of weights (nice levels, cpu.weight). Ignoring them is a choice that has to be said;
// turning them round is a fault: who is due more gets less.

import { comparedOrigins } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { direction } from "../origins.ts";
import { insertions } from "../queues.ts";
import {
  type Answer,
  type Evidence,
  type Found,
  fine,
  found,
  type Rule,
  unknown,
} from "../rule.ts";
import { slices } from "../slices.ts";
import { byWeight, isWeight } from "../weight-sources.ts";
import { opWords, startOf } from "../words.ts";

const hint =
  "Charge CPU time as time * 100 / p->scx.weight and insert by that with scx_bpf_dsq_insert_vtime(), or scale the slice by p->scx.weight.";

export const weightIgnored: Rule = {
  id: "static/weight-ignored",
  severity: "warning",
  title: "weights have no effect",
  rationale:
    "p->scx.weight is the oracle of fairness; users of nice and cpu.weight have to be told (scx #3549, #3026, #3754).",
  check(evidence: Evidence): Answer {
    const { facts, control } = evidence;
    const all = insertions(evidence);
    if (all.length === 0) return fine;
    const isUsed =
      all.some(({ call, dsq, slice, vtime }) =>
        [
          ...[dsq, slice, ...(vtime === null ? [] : [vtime])].map((each) => each.origins),
          ...guardsOf(facts, call).map(comparedOrigins),
        ].some((origins) => [...control.resolve(origins).keys()].some(isWeight)),
      ) ||
      slices(evidence).some(({ slice }) =>
        [...control.resolve(slice.origins).keys()].some(isWeight),
      );
    if (isUsed) return fine;
    // A tree or list of the policy's own may be ordered by weight.
    const isRead = [...facts.reads.values()].some(({ field }) => isWeight(`field:${field.path}`));
    if (isRead) return unknown("weights are read, but how they decide is not seen");
    return found([
      {
        site: startOf(facts, "enqueue"),
        message:
          "neither order nor slices depend on a task's weight: nice levels and cpu.weight have no effect",
        hint: `${hint} If that is wanted (a plain FIFO), say so in the policy's description.`,
      },
    ]);
  },
};

export const weightInverted: Rule = {
  id: "static/weight-inverted",
  severity: "error",
  title: "a heavier task gets less",
  rationale:
    "In a DSQ ordered by vtime the smallest goes first (scx_dsq_priq_less()): vtime has to grow more slowly the heavier the task.",
  check(evidence: Evidence): Answer {
    const { data } = evidence;
    const findings: Found[] = [];
    let isFair = false;
    for (const { call, vtime } of insertions(evidence)) {
      const way = vtime === null ? null : byWeight(data.resolve(vtime.origins));
      if (way === direction.falling) isFair = true;
      if (way === direction.rising) {
        findings.push({
          site: call,
          message: `the vtime in ${opWords(call)} grows with the weight: heavier tasks (lower nice) wait behind lighter ones`,
          hint: "Divide by the weight instead of multiplying: vtime += ran_ns * 100 / p->scx.weight.",
        });
      }
    }
    if (isFair) return found(findings);
    for (const { site, slice } of slices(evidence)) {
      if (byWeight(data.resolve(slice.origins)) !== direction.falling) continue;
      findings.push({
        site,
        message: `the slice in ${opWords(site)} shrinks with the weight, and nothing else in the order makes up for it: heavier tasks get less CPU time`,
        hint: "Multiply by the weight: slice = slice_ns * p->scx.weight / 100, within bounds.",
      });
    }
    return found(findings);
  },
};
