// What a verdict rests on, as one document whose digest the token carries: the exact policy, what each
// stage said, and the digests of kernel types, image and rules. Stored by its digest. Pure. Called by
// verifier.ts.

import type { Verdict } from "../../contract/verdict.ts";
import { sha256 } from "../sha256.ts";

export interface Evidence {
  /** JSON text, exactly as digested. */
  text: string;
  sha256: string;
}

/** Durations are left out: the same judgement has the same digest. */
export function sealEvidence(
  verdict: Omit<Verdict, "token">,
  workloadSha256: string | null,
): Evidence {
  const { policy, stages, findings, evidence } = verdict;
  const text = JSON.stringify({
    version: 1,
    verdict: verdict.verdict,
    policy: { ...policy, parameters: sorted(policy.parameters) },
    workloadSha256,
    stages: stages.map(({ stage, status }) => ({ stage, status })),
    findings,
    facts: sorted(evidence),
  });
  return { text, sha256: sha256(text) };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
