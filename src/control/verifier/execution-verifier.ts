// The Execution Verifier as a service: from a policy and exact parameters to a stored verdict with a
// signed token. What was judged before is answered from the store; what is asked at the same time takes
// turns. Called by local-control-plane.ts.

import { randomUUID } from "node:crypto";
import type { Progress } from "../../contract/node.ts";
import type { Parameters } from "../../contract/policy.ts";
import type { TokenClaims } from "../../contract/token.ts";
import { type Verdict, verdictSchema } from "../../contract/verdict.ts";
import type { Workload } from "../../contract/workload.ts";
import { digestOf } from "../../lab/cache.ts";
import { workloadDigest } from "../analysis/workload-file.ts";
import { identityOf, sharedToolchain } from "../confinement/toolchain.ts";
import type { DeployablePolicy } from "../deployment/deployable-policy.ts";
import type { Store } from "../repository/store.ts";
import { sha256 } from "../sha256.ts";
import type { KnownBinary } from "./enrolment/known-binary.ts";
import { type EnrolledContext, verifyEnrolled } from "./enrolment/verify-enrolled.ts";
import { type Evidence, sealEvidence } from "./evidence.ts";
import type { VerifierInput } from "./input.ts";
import { rulesVersion } from "./rules-version.ts";
import { labSigningKey } from "./signing-key.ts";
import { mintToken, tokenLifetimeSeconds } from "./token.ts";
import { Turns } from "./turns.ts";
import { verdictKey } from "./verdict-key.ts";
import { type VerifierContext, verifyPolicy } from "./verifier.ts";

/** What a guest's kernel and image are, beside what verifying needs of them. */
export interface TargetKernel {
  release: string;
  btf: Uint8Array;
  imageSha256: string;
}

export interface ExecutionVerifierParts {
  store: Pick<Store, "saveVerdict" | "saveKnownVerdict" | "knownVerdict">;
  /** Wall clock, ms. */
  now: () => number;
  /** Verifications at a time; further ones wait in the order of their coming. */
  parallel: number;
}

export interface VerificationRequest {
  input: VerifierInput;
  parameters: Parameters;
  workload: Workload | null;
}

/** What is asked, and on which workload. */
interface Question {
  key: string;
  workload: string | null;
  workloadSha256: string | null;
  facts: ReturnType<typeof factsOf>;
}

/** What a deployment of the verified policy would impose; the token carries it. */
const imposedInLab = { timeoutMs: 30_000, partial: false };

export class ExecutionVerifier {
  readonly #parts: ExecutionVerifierParts;
  readonly #turns: Turns;

  constructor(parts: ExecutionVerifierParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts.parallel);
  }

  /** `policy`: what was verified, ready to be deployed; null unless it passed here and now. */
  async verify(
    request: VerificationRequest,
    context: Omit<VerifierContext, "kernel"> & { kernel: TargetKernel },
  ): Promise<{ verdict: Verdict; policy: DeployablePolicy | null }> {
    const { kernel } = context;
    const { workload } = request;
    const workloadSha256 = workload === null ? null : workloadDigest(workload);
    const facts = factsOf(kernel);
    const compilerSha256 = await compilerOf(request.input);
    const key = verdictKey({ ...request, workloadSha256, ...facts, compilerSha256 });
    let policy: DeployablePolicy | null = null;
    const question = { key, workload: workload?.name ?? null, workloadSha256, facts };
    const verdict = await this.#answer(question, context, async () => {
      const judged = await verifyPolicy(request, context);
      policy = judged.policy;
      return judged.verdict;
    });
    return { verdict, policy };
  }

  /** Without a token: a token lets a node load an object under limits, and neither is to be had here. */
  async verifyEnrolled(
    binary: KnownBinary,
    context: EnrolledContext & { kernel: TargetKernel },
  ): Promise<Verdict> {
    const facts = factsOf(context.kernel);
    const { btfSha256, imageSha256, rulesSha256 } = facts;
    const { enrolled, librariesSha256 } = binary;
    const subject = [enrolled.name, enrolled.version, enrolled.sha256, librariesSha256];
    const key = digestOf(["enrolled", ...subject, btfSha256, imageSha256, rulesSha256]);
    const question = { key, workload: null, workloadSha256: null, facts };
    return this.#answer(question, context, () => verifyEnrolled(binary, context));
  }

  /** From the store where the same was asked before; else judged, in turn, and stored. */
  async #answer(
    { key, workload, workloadSha256, facts }: Question,
    context: EnrolledContext & { kernel: TargetKernel },
    judge: () => Promise<Omit<Verdict, "token">>,
  ): Promise<Verdict> {
    const { kernel } = context;
    const known = await this.#parts.store.knownVerdict(key);
    if (known !== null) {
      const evidence = { ...known.verdict.evidence, cached: true, cachedAt: known.at };
      const sealed = sealEvidence(known.verdict, workloadSha256);
      return this.#signed({ ...known.verdict, evidence }, sealed, kernel);
    }
    const judged = await this.#inTurn(context, judge);
    const evidence = { ...judged.evidence, ...facts, kernel: kernel.release };
    // In the schema's order of keys, as it is read back: the evidence has one digest.
    const verdict = verdictSchema.parse({ ...judged, evidence });
    const sealed = sealEvidence(verdict, workloadSha256);
    const at = new Date(this.#parts.now());
    // What was undecided may be decided the next time.
    if (verdict.verdict !== "inconclusive") {
      await this.#parts.store.saveKnownVerdict(verdict, { key, evidence: sealed, at });
    }
    const signed = await this.#signed(verdict, sealed, kernel);
    // Stored without its token: that is for whoever asked.
    await this.#parts.store.saveVerdict(verdict, { workload, at });
    return signed;
  }

  async #inTurn<T>(
    { progress, signal }: { progress: Progress; signal?: AbortSignal | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const done = await this.#turns.take((ahead) => {
      progress({ step: "wait", message: `${ahead} verifications are before this one` });
    }, signal);
    try {
      return await work();
    } finally {
      done();
    }
  }

  /** Afresh for every asking: one token permits one deployment. */
  async #signed(verdict: Verdict, sealed: Evidence, kernel: TargetKernel): Promise<Verdict> {
    const { policy } = verdict;
    if (verdict.verdict !== "pass" || policy.objectSha256 === undefined) return verdict;
    const issued = Math.floor(this.#parts.now() / 1000);
    const claims: TokenClaims = {
      version: 1,
      id: randomUUID(),
      ...{ issued, expires: issued + tokenLifetimeSeconds },
      policy: {
        name: policy.name,
        sourceSha256: policy.sourceSha256,
        objectSha256: policy.objectSha256,
      },
      parameters: policy.parameters,
      scope: { kind: "lab" },
      kernels: [kernel.release],
      imposed: imposedInLab,
      evidence: digestsOf(verdict, sealed),
      warnings: warningsOf(verdict),
    };
    return { ...verdict, token: await mintToken(claims, await labSigningKey()) };
  }
}

function factsOf({ btf, imageSha256 }: TargetKernel) {
  return { btfSha256: sha256(btf), imageSha256, rulesSha256: rulesVersion() };
}

/** Null where nothing is to be compiled. */
async function compilerOf({ kind }: VerifierInput): Promise<string | null> {
  if (kind === "object") return null;
  const { clang, llvmStrip, headers } = await sharedToolchain();
  const files = [...clang.bindings, ...llvmStrip.bindings, ...headers];
  return sha256((await identityOf(files)).join("\n"));
}

function digestsOf({ evidence }: Verdict, sealed: Evidence): Record<string, string> {
  const names = ["btfSha256", "imageSha256", "rulesSha256"];
  const digests = names.map((name) => [name.replace("Sha256", ""), String(evidence[name])]);
  return { document: sealed.sha256, ...Object.fromEntries(digests) };
}

function warningsOf({ findings }: Verdict): string[] {
  const warned = findings.filter(({ severity }) => severity === "warning");
  return [...new Set(warned.map(({ rule }) => rule))].slice(0, 64);
}
