// A policy's very bytes with exact parameters, made from source (or taken as they are) by the
// verifier's own first stages: for an experiment in the lab with a policy that has no verdict yet.
// Says nothing of its safety: only a verdict does. Called by local-control-plane.ts.

import { SchedcpError } from "../contract/errors.ts";
import type { Parameters } from "../contract/policy.ts";
import type { Finding } from "../contract/verdict.ts";
import type { DeployablePolicy } from "./deployment/deployable-policy.ts";
import { sha256 } from "./sha256.ts";
import { compilePolicy } from "./verifier/compile.ts";
import { examineInput, type VerifierInput } from "./verifier/input.ts";

export interface CompileRequest {
  input: VerifierInput;
  parameters: Parameters;
  vmlinuxHeaderPath: string;
  signal?: AbortSignal;
}

/** Throws `policy-failed` with the findings where it does not compile or is no policy at all. */
export async function compileDeployable(request: CompileRequest): Promise<DeployablePolicy> {
  const { input, parameters } = request;
  const examined = examineInput(input);
  if (examined.status !== "pass") throw rejected(input.name, examined.findings);
  const object = input.kind === "object" ? input.object : await compile(request, input);
  const source = input.kind === "source" ? input.source : input.object;
  const sourceSha256 = sha256(source);
  return {
    identity: { name: input.name, sourceSha256, objectSha256: sha256(object), parameters },
    object,
  };
}

async function compile(
  request: CompileRequest,
  input: { name: string; source: string },
): Promise<Uint8Array> {
  const { vmlinuxHeaderPath, signal } = request;
  const compiled = await compilePolicy({
    name: input.name,
    source: input.source,
    vmlinuxHeaderPath,
    ...(signal === undefined ? {} : { signal }),
  });
  if (compiled.ok) return compiled.object;
  throw rejected(input.name, compiled.findings);
}

function rejected(name: string, findings: readonly Finding[]): SchedcpError {
  const first = findings[0];
  return new SchedcpError("policy-failed", `${name}: ${first?.message ?? "it was rejected"}`, {
    hint: first?.hint ?? "Verify it: the verdict says more.",
    details: { finding: first, findings },
  });
}
