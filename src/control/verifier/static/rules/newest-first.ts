// An order in which who comes later can go first, again and again, keeps those who came before waiting for
// ever; so does a fixed rank that no waiting changes.

import { comparedOrigins } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { isIdentity } from "../identities.ts";
import { isClock } from "../moments.ts";
import { direction, type Origins } from "../origins.ts";
import { insertions, isOwn, moves, overlap } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule, unknown } from "../rule.ts";
import { isCounter } from "../time-sources.ts";
import { isWeight } from "../weight-sources.ts";
import { opWords, sourceWords } from "../words.ts";

export const newestFirst: Rule = {
  id: "static/newest-first",
  severity: "error",
  title: "the order can put new tasks before old ones for ever",
  rationale:
    "Seen on kernel 7.2: a newest-first order gave eight of fourteen tasks nothing at all. DSQs go by ascending vtime (scx_dsq_priq_less()), and SCX_ENQ_HEAD puts a task before all that wait (dispatch_enqueue()).",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    let open: Found["site"] = null;
    const head = evidence.types.enumerator("scx_enq_flags", "SCX_ENQ_HEAD") ?? 16n;
    for (const inserting of insertions(evidence)) {
      const { call, vtime, flags, dsq } = inserting;
      // Of flags that aren't known but for those put in, the least value has these alone.
      if (flags.region === null && (flags.lo & head) !== 0n && call.activation.op === "enqueue") {
        if (isOrdinary(evidence, call)) {
          findings.push({
            site: call,
            message: `${opWords(call)} inserts every task at the head (SCX_ENQ_HEAD): the newest goes first, and those before it wait for ever under load`,
            hint: "Pass enq_flags on as they are, without SCX_ENQ_HEAD; keep the head for tasks that the kernel re-enqueues before they ran.",
          });
        } else open ??= call;
      }
      if (vtime === null) continue;
      const sources = evidence.data.resolve(vtime.origins);
      const backwards = [...sources].find(
        ([source, way]) =>
          way === direction.falling && (isClock(source) || isCounter(evidence, source)),
      );
      if (backwards !== undefined) {
        findings.push({
          site: call,
          message: `the vtime in ${opWords(call)} gets smaller as ${sourceWords(backwards[0])} grows: later tasks always go before earlier ones`,
          hint: "Let vtime grow with time: earlier tasks, or those that had less CPU time for their weight, must have the smaller one.",
        });
        continue;
      }
      const ages = moves(evidence).some(({ from }) => overlap(from, dsq));
      const rank =
        ages || !isOwn(dsq) ? null : fixedRank(evidence, evidence.control.resolve(vtime.origins));
      if (rank !== null) {
        findings.push({
          site: call,
          message: `the vtime in ${opWords(call)} is a fixed rank, by ${rank}: tasks of earlier rank can keep later ones waiting for ever`,
          hint: "Add what grows while others run (the CPU time that a task had, or the time when it was queued), or move tasks that waited long to another DSQ.",
        });
      }
    }
    if (findings.length > 0 || open === null) return found(findings);
    return unknown("when tasks are put at the head of a DSQ", open);
  },
};

/** Whether nothing but a failed look-up keeps a task from going this way. */
function isOrdinary({ facts }: Evidence, site: Parameters<typeof guardsOf>[1]): boolean {
  return guardsOf(facts, site).every((guard) =>
    [...comparedOrigins(guard).keys()].every((source) => /^(lookup|storage|key):/.test(source)),
  );
}

/** Of what a rank that never changes is made; null: it changes, or may. */
function fixedRank(evidence: Evidence, sources: Origins): string | null {
  let rank: string | null = null;
  for (const source of sources.keys()) {
    if (
      isWeight(source) ||
      isIdentity(source) ||
      /^lookup:hints$|^field:task_struct\.(policy|flags)$/.test(source)
    ) {
      rank ??= sourceWords(source);
    } else if (
      !/^(knob|kconfig|lookup|storage|key|index):|^cell:map hints|^field:(css_set|cgroup|kernfs_node)\.|^field:task_struct\.(cgroups|nr_cpus_allowed)$|^call:bpf_(map_lookup|task_storage)/.test(
        source,
      )
    ) {
      // Set once for a task, it is a part of the rank; its own stores are among the sources.
      if (source.startsWith("cell:") && !isAccumulated(evidence, source)) continue;
      return null;
    }
  }
  return rank;
}

function isAccumulated(evidence: Evidence, source: string): boolean {
  return evidence.data.storesOf(source).some(({ value }) => value.origins.has(source));
}
