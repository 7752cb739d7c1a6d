// What a rule of the static stage is, and what it is given. A rule decides only from what is certain: where
// it can't tell, it says so, and the simulator decides.

import type { Finding } from "../../../contract/verdict.ts";
import type { BpfObject, StructOps } from "../../../simulator/object/bpf-object.ts";
import type { CallFact, Facts, Site } from "./facts.ts";
import type { KernelTypes } from "./kernel-types.ts";
import type { Provenance } from "./provenance.ts";

/** All that rules may look at. Nothing here changes. */
export interface Evidence {
  readonly object: BpfObject;
  readonly scheduler: StructOps;
  readonly types: KernelTypes;
  readonly facts: Facts;
  readonly calls: readonly CallFact[];
  /** Through values alone, and through what decides them, too. */
  readonly data: Provenance;
  readonly control: Provenance;
  /** Index of the function of each op that is set. */
  readonly ops: ReadonlyMap<string, number>;
  /** What the policy's specification declares. */
  readonly declared: Declared;
}

export interface Declared {
  /** Tasks may be told apart by the hints that the workload's owner gives. */
  readonly hints: boolean;
  /** Knobs that the request sets: what is in the others is the policy's own text. */
  readonly knobs: ReadonlySet<string>;
}

export interface Found {
  readonly site: Site | null;
  readonly message: string;
  readonly hint: string;
  /** Where it is not the rule's own: a weaker case of the same. */
  readonly severity?: Finding["severity"];
}

export type Answer =
  | { readonly kind: "found"; readonly findings: readonly Found[] }
  | { readonly kind: "unknown"; readonly reason: string; readonly site?: Site }
  | { readonly kind: "fine" };

export const fine: Answer = { kind: "fine" };
export const unknown = (reason: string, site?: Site): Answer =>
  site === undefined ? { kind: "unknown", reason } : { kind: "unknown", reason, site };

/** Findings, or fine where there are none. */
export function found(findings: readonly Found[]): Answer {
  return findings.length === 0 ? fine : { kind: "found", findings };
}

export interface Rule {
  /** `static/…`, stable. */
  readonly id: string;
  readonly severity: "error" | "warning";
  readonly title: string;
  /** Why, and where that comes from: a kernel function, or what was measured. */
  readonly rationale: string;
  /** What it finds holds however little of the policy was looked at: it concludes nothing from absence. */
  readonly standsAlone?: true;
  check(evidence: Evidence): Answer;
}
