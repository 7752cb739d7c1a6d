// Who a task is (pid, tgid, name) says nothing of what it needs: a slice or an order that depends on it gives
// CPU time to names and numbers. What a knob names is declared by the specification; hints are, too.

import type { GlobalVariable } from "../../../../simulator/object/bpf-object.ts";
import { decidingSources } from "../deciding.ts";
import { comparedOrigins } from "../facts.ts";
import { guardsOf } from "../guards.ts";
import { isIdentity } from "../identities.ts";
import { hasSource, type Origins } from "../origins.ts";
import { insertions } from "../queues.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { slices } from "../slices.ts";
import { sameValue, type Value } from "../value.ts";
import { opWords, sourceWords } from "../words.ts";

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
    return found([...findings, ...undeclaredNames(evidence), ...ownHints(evidence)]);
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

/** Names that stand in the policy itself, as a knob's default: who asked for it has not said them. */
function undeclaredNames(evidence: Evidence): Found[] {
  const { facts, declared } = evidence;
  const findings: Found[] = [];
  const seen = new Set<string>();
  for (const branch of facts.branches.values()) {
    const { left, right } = branch;
    const name = [left, right].find(({ origins }) => hasSource(origins, ...names));
    const other = name === left ? right : left;
    if (name === undefined || (!branch.taken && !branch.falls)) continue;
    for (const source of other.origins.keys()) {
      const knob = source.startsWith("knob:") ? source.slice(5) : "";
      if (knob === "" || declared.knobs.has(knob) || seen.has(knob)) continue;
      if (!decidingSources(evidence).has(source)) continue;
      const text = textOf(evidence, knob);
      if (text === "") continue;
      seen.add(knob);
      findings.push({
        site: branch,
        message: `${opWords(branch)} treats tasks named “${text}” otherwise: the name is the default of the knob ${knob}, and nobody has set it`,
        hint: `Make the default empty (const volatile char ${knob}[16] = "") and let whoever wants it set the knob.`,
      });
    }
  }
  return findings;
}

const names = ["field:task_struct.comm", "field:kernfs_node.name"];

/** What the knob holds; "": nothing, or no text. */
function textOf({ object }: Evidence, knob: string): string {
  const variable = object.globals.get(knob);
  const initial = variable === undefined ? null : object.maps[variable.map]?.initial;
  if (variable === undefined || !initial || !isText(variable)) return "";
  const bytes = initial.subarray(variable.offset, variable.offset + variable.size);
  return Buffer.from(bytes).toString("latin1").split("\0", 1)[0] ?? "";
}

function isText({ type, size }: GlobalVariable): boolean {
  return type.kind === "text" || (type.kind === "other" && size <= 1024);
}

/** The map of hints is the workload's owner's: a policy that fills it hints at what it likes. */
function ownHints({ calls, facts, object }: Evidence): Found[] {
  const hint =
    "Leave the map of hints to whoever runs the policy, and keep what the policy finds out in task storage.";
  const writes = calls.filter(({ name, args: [map] }) => {
    const index = map?.region?.kind === "map" ? map.region.map : -1;
    return name === "bpf_map_update_elem" && object.maps[index]?.name === "hints";
  });
  const stores = [...facts.stores.values()].filter(({ cell }) => cell.base === "map hints");
  return [...writes, ...stores].slice(0, 1).map((site) => ({
    site,
    message: `${opWords(site)} writes into hints, which only whoever runs the workload may fill`,
    hint,
  }));
}
