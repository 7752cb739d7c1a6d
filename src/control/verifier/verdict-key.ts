// What a verdict holds for, as one digest: asking for the same again is answered from the store. Pure.
// Called by verifier.ts.

import type { Parameters } from "../../contract/policy.ts";
import { digestOf } from "../../lab/cache.ts";
import type { VerifierInput } from "./input.ts";

export interface VerdictSubject {
  input: VerifierInput;
  parameters: Parameters;
  /** Digest of what is run; null without a workload. */
  workloadSha256: string | null;
  /** The target kernel's types, and the image that it is booted from. */
  btfSha256: string;
  imageSha256: string;
  /** The code that judges (rules-version.ts). */
  rulesSha256: string;
  /** The compiler and its headers; null for an object. */
  compilerSha256: string | null;
}

/** A source's bytes stand for its object: our headers and the compiler's flags are part of the rules. */
export function verdictKey(subject: VerdictSubject): string {
  const { input, parameters, workloadSha256, btfSha256, imageSha256 } = subject;
  const { rulesSha256, compilerSha256 } = subject;
  return digestOf([
    "verdict",
    input.kind,
    input.name,
    input.kind === "source" ? input.source : input.object,
    JSON.stringify(Object.entries(parameters).sort()),
    JSON.stringify([workloadSha256, btfSha256, imageSha256, rulesSha256, compilerSha256]),
  ]);
}
