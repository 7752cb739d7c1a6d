// Who a task is (pid, tgid, name) says nothing of what it needs: a slice or an order that depends on it gives
// CPU time to names and numbers. What a knob names is declared by the specification; hints are, too.

import { comparedOrigins, isIdentity } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import type { Origins } from "../origins.ts";
import { insertions } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { sameValue, type Value } from "../value.ts";
import { opWords, sourceWords } from "../words.ts";
import { slices } from "./slice-unbounded.ts";

export const identity: Rule = {
  id: "static/identity",
  severity: "error",
  title: "a slice or a place in the order depends on who the task is",
  rationale:
    "Seen on kernel 7.2: a pid-dependent slice gave some tasks 10 × the others, and no kernel check sees it. Names that a knob or a hint declares are exempt.",
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    const seen = (site: Found["site"], what: string, by: string): void => {
      if (site === null) return;
      findings.push({
        site,
        message: `${what} in ${opWords(site)} depends on ${by}`,
        hint: "Decide by what a task does (weight, CPU time, sleep) or by a declared hint; put names into a knob that the specification declares.",
      });
    };
    for (const { site, slice } of slices(evidence)) {
      const by = identityIn(evidence, slice.origins);
      if (by !== null) seen(site, "the slice", by);
    }
    for (const { call, vtime } of insertions(evidence)) {
      const by = vtime === null ? null : identityIn(evidence, vtime.origins);
      if (by !== null) seen(call, "the place in the order (vtime)", by);
    }
    for (const { site, by } of separately(evidence)) seen(site, "which slice is given", by);
    return found(findings);
  },
};

/** Looked through the policy's memory; null: it doesn't depend on who the task is. */
function identityIn({ control, declared }: Evidence, origins: Origins): string | null {
  for (const source of control.resolve(origins).keys()) {
    const isHint = source === "lookup:hints" && !declared.hints;
    if (isIdentity(source) || isHint) return sourceWords(source);
  }
  return null;
}

/** Insertions that differ in their slice, one of which is chosen by identity. */
function separately(evidence: Evidence): { site: Found["site"]; by: string }[] {
  const all = insertions(evidence).filter(({ call }) => call.activation.op === "enqueue");
  const differs = (a: Value, b: Value): boolean => !sameValue(a, b) && (a.hi < b.lo || b.hi < a.lo);
  return all.flatMap(({ call, slice }) => {
    if (!all.some((other) => differs(other.slice, slice))) return [];
    for (const guard of guardsOf(evidence.facts, call)) {
      const by = identityIn(evidence, comparedOrigins(guard));
      if (by !== null) return [{ site: call, by }];
    }
    return [];
  });
}
