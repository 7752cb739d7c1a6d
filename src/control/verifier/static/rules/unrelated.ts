// What says nothing of a task's need decides its slice or its place: when it was started, where its structure
// lies, the number of its cgroup, the hour. As good as drawing lots once for all time.

import { comparedOrigins, type Site } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { isUnrelated } from "../identities.ts";
import { askedKeys } from "../keys.ts";
import { partOfClock } from "../moments.ts";
import type { Origins } from "../origins.ts";
import { insertions } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { slices } from "../slices.ts";
import { sameValue, type Value } from "../value.ts";
import { opWords, sourceWords } from "../words.ts";

export const unrelated: Rule = {
  id: "static/unrelated",
  severity: "error",
  title: "a slice or a place in the order depends on what has nothing to do with need",
  rationale:
    "Seen on kernel 7.2: a pid-dependent slice gave some tasks 10 × the others. Start times, addresses, cgroup ids and the hour are numbers of the same kind.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    const seen = (site: Site, what: string, strange: Strange | null): void => {
      if (strange === null) return;
      const { source, severity } = strange;
      findings.push({
        ...{ site, severity },
        message: `${what} in ${opWords(site)} depends on ${sourceWords(source)}, which says nothing of what the task needs`,
        hint: "Decide by what a task does (CPU time, sleep, how long it has waited), by its weight, or by what waits; of times only differences say something.",
      });
    };
    for (const { site, slice } of slices(evidence))
      seen(site, "the slice", strangeIn(evidence, slice.origins));
    for (const { call, dsq, vtime } of insertions(evidence)) {
      if (vtime !== null)
        seen(call, "the place in the order (vtime)", strangeIn(evidence, vtime.origins));
      if (dsq.origins.has(partOfClock)) seen(call, "the queue", error(partOfClock));
    }
    for (const { site } of slices(evidence))
      seen(site, "whose slice is set", chosenTask(evidence, site));
    for (const { site, strange } of separately(evidence))
      seen(site, "which slice is given", strange);
    return found(findings);
  },
};

interface Strange {
  readonly source: string;
  readonly severity: "error" | "warning";
}

const error = (source: string): Strange => ({ source, severity: "error" });

/**
 * A time, or the number of a cgroup, that the policy keeps may be there for something else: how old a task is,
 * where to look.
 */
function strangeIn({ control }: Evidence, origins: Origins): Strange | null {
  const sources = [...control.resolve(origins).keys()].filter(isStrange);
  const certain = sources.find(
    (source) => origins.has(source) || !/^field:(task_struct\.start|kernfs|cgroup)/.test(source),
  );
  if (certain !== undefined) return error(certain);
  const [first] = sources;
  return first === undefined ? null : { source: first, severity: "warning" };
}

function isStrange(source: string): boolean {
  return isUnrelated(source) || source === partOfClock;
}

/** A task that was looked up by such a number. */
function chosenTask({ facts }: Evidence, site: Site): Strange | null {
  for (const guard of guardsOf(facts, site))
    for (const { place, source } of askedKeys(comparedOrigins(guard)))
      if (place.startsWith("bpf_task_from_") && isStrange(source)) return error(source);
  return null;
}

/** Insertions that differ in their slice, one of which is chosen by such a thing. */
function separately(evidence: Evidence): { site: Site; strange: Strange }[] {
  const all = insertions(evidence).filter(({ call }) => call.activation.op === "enqueue");
  const differs = (a: Value, b: Value): boolean => !sameValue(a, b) && (a.hi < b.lo || b.hi < a.lo);
  return all.flatMap(({ call, slice }) => {
    if (!all.some((other) => differs(other.slice, slice))) return [];
    for (const guard of guardsOf(evidence.facts, call)) {
      const strange = strangeIn(evidence, comparedOrigins(guard));
      if (strange !== null) return [{ site: call, strange }];
    }
    return [];
  });
}
