// What is set and never set back, or only grows, changes the policy once; whatever leads there, it may lie
// behind the end of every test. Rules that name sources (clocks, counts, names) miss the ones that they don't name.

import { decidingSources } from "../deciding.ts";
import { comparedOrigins, type Site } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { isSetting, isSoon, type Latch, latchOf, turns } from "../latches.ts";
import { dataSources, noOrigins, type Origins, union } from "../origins.ts";
import { given, insertions } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords, originWords, sourceWords } from "../words.ts";

const hint =
  "Let what sets it also set it back (busy = scx_bpf_dsq_nr_queued(Q) > 16), decide by what is true now, or leave it out. Counters and marks are for statistics.";

export const oneWay: Rule = {
  id: "static/one-way",
  severity: "error",
  title: "a flag that is never set back, or a number that only grows, changes what tasks get",
  rationale:
    "Seen on kernel 7.2: a policy that stopped dispatching only after 20 s ran on. No test is longer than a patient policy, and its trigger can be anything; that it never goes back is seen.",
  check(evidence: Evidence): Answer {
    const deciding = decidingSources(evidence);
    const findings: Found[] = [];
    for (const { branch, latch } of turns(evidence)) {
      if (!deciding.has(latch.source)) continue;
      findings.push({
        site: branch,
        message: `${opWords(branch)} behaves otherwise once ${sourceWords(latch.source)} ${become(evidence, latch)}, and never goes back: that changes which tasks run`,
        hint,
      });
    }
    for (const [source, site] of read(evidence)) {
      const latch = latchOf(evidence, source);
      if (latch?.kind !== "flag" || latch.after.length > 1 || isSoon(evidence, latch)) continue;
      if (isSetting(evidence, latch)) continue;
      findings.push({
        site,
        message: `the slice or place in ${opWords(site)} is ${sourceWords(source)}, which ${become(evidence, latch)} and never goes back`,
        hint,
      });
    }
    return found(findings);
  },
};

/** "is set by p->pid" */
function become({ facts }: Evidence, { kind, stores }: Latch): string {
  if (kind === "counter") return "has counted far enough";
  let asked: Origins = noOrigins;
  for (const store of stores)
    for (const guard of guardsOf(facts, store)) asked = union(asked, comparedOrigins(guard));
  const by = asked.size === 0 ? "" : ` (${originWords(asked)} decides when)`;
  return kind === "mark" ? `has grown far enough${by}` : `is set${by}`;
}

/** Places whose very value is a slice, an order or a queue. */
function read(evidence: Evidence): Map<string, Site> {
  const found = new Map<string, Site>();
  for (const inserting of insertions(evidence))
    for (const value of given(inserting))
      for (const source of dataSources(value.origins))
        if (source.startsWith("cell:")) found.set(source, inserting.call);
  return found;
}
