// What the report is made of, and the names it gives to policies and arms.

import type { Trace } from "../../contract/measurement.ts";
import type { PolicyIdentity } from "../../contract/policy.ts";
import type { Result } from "../../contract/result.ts";

/** A traced run; `label` is `default` for the kernel's default scheduler, else the policy's name. */
export interface LabelledTrace {
  label: string;
  trace: Trace;
}

export interface ReportInput {
  result: Result;
  traces: LabelledTrace[];
}

/** Texts from outside are cut at this length where they are shown. */
export const nameCharsMax = 80;
export const textCharsMax = 2000;

export function armName(label: string): string {
  return label === "default" ? "kernel’s default" : label;
}

/** `default` first, whatever order the traces came in. */
export function orderedTraces(traces: readonly LabelledTrace[]): LabelledTrace[] {
  const isDefault = (candidate: LabelledTrace) => candidate.label === "default";
  return [...traces.filter(isDefault), ...traces.filter((candidate) => !isDefault(candidate))];
}

export function policyName(policy: PolicyIdentity | null): string {
  return policy === null ? "default again" : policy.name;
}

export function parameterList(policy: PolicyIdentity | null): string[] {
  if (policy === null) return [];
  return Object.entries(policy.parameters).map(([knob, value]) => `${knob}=${value}`);
}

/** The first few parameters, for a label. */
export function parametersBrief(policy: PolicyIdentity | null, shownMax = 4): string {
  const all = parameterList(policy);
  const more = all.length > shownMax ? `  +${all.length - shownMax} more` : "";
  return all.slice(0, shownMax).join("  ") + more;
}
