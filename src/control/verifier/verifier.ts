// The Execution Verifier, first form: input, compile, load, exercise. Stages run in order, cheapest
// first, and none runs after a rejection. Admission, static analysis and simulation are named in the
// verdict as not available: they never count as passed, and no token is issued without them.

import { createHash } from "node:crypto";
import type { NodeSource, Progress } from "../../contract/node.ts";
import type { Parameters } from "../../contract/policy.ts";
import {
  type Finding,
  type StageName,
  type StageResult,
  stageNames,
  type Verdict,
} from "../../contract/verdict.ts";
import type { Workload } from "../../contract/workload.ts";
import type { DeployablePolicy } from "../deployment/deployable-policy.ts";
import { compilePolicy } from "./compile.ts";
import { exercisePolicy, leaseForExercise } from "./exercise.ts";
import { examineInput, type VerifierInput } from "./input.ts";

export interface VerifyRequest {
  input: VerifierInput;
  /** Resolved: every knob that the policy's metadata declares, and hints. */
  parameters: Parameters;
  /** Run as a part of the exercise; its programs are put into the guest. */
  workload: Workload | null;
}

export interface VerifierContext {
  nodes: NodeSource;
  /** The C header of the target kernel's types. */
  vmlinuxHeaderPath: string;
  progress: Progress;
  signal?: AbortSignal | undefined;
}

export interface Verification {
  verdict: Verdict;
  /** What was verified, ready to be deployed; null unless it passed. */
  policy: DeployablePolicy | null;
}

/** What a stage answers. `inconclusive` lets later stages run but never ends in a pass. */
export interface StageOutcome {
  status: "pass" | "reject" | "inconclusive";
  findings: Finding[];
}

const unavailable: readonly StageName[] = ["admission", "static", "simulate"];

export async function verifyPolicy(
  request: VerifyRequest,
  context: VerifierContext,
): Promise<Verification> {
  const record = new StageRecord(context.progress);
  const { input } = request;
  const source = input.kind === "source" ? input.source : input.object;
  const identity = {
    name: input.name,
    sourceSha256: createHash("sha256").update(source).digest("hex"),
    parameters: request.parameters,
  };
  const evidence: Verdict["evidence"] = {};
  let policy: DeployablePolicy | null = null;

  await record.run("input", async () => examineInput(input));
  if (record.goesOn) {
    // Restored while the compiler works: most sources compile, and neither waits for the other.
    const unwanted = new AbortController();
    const signals = [unwanted.signal, ...(context.signal === undefined ? [] : [context.signal])];
    const node = leaseForExercise(request.workload, {
      ...context,
      signal: AbortSignal.any(signals),
    });
    // Thrown to whoever waits for it, if anybody still does then.
    node.catch(() => undefined);
    try {
      const object = await compileOrTake(input, record, context);
      if (object !== null) {
        const objectSha256 = createHash("sha256").update(object).digest("hex");
        policy = { identity: { ...identity, objectSha256 }, object };
        const exercise = await exercisePolicy(policy, request.workload, node, context);
        record.add("load", exercise.load.outcome, exercise.load.durationMs);
        if (exercise.exercise !== null) {
          record.add("exercise", exercise.exercise.outcome, exercise.exercise.durationMs);
        }
        Object.assign(evidence, exercise.evidence);
      }
    } finally {
      unwanted.abort();
      await node.then(
        (lease) => lease.release(),
        () => undefined,
      );
    }
  }
  const verdict: Verdict = {
    verdict: record.verdict,
    policy: policy?.identity ?? identity,
    stages: record.stages(),
    findings: record.findings,
    evidence,
  };
  return { verdict, policy: verdict.verdict === "pass" ? policy : null };
}

async function compileOrTake(
  input: VerifierInput,
  record: StageRecord,
  context: VerifierContext,
): Promise<Uint8Array | null> {
  if (input.kind === "object") return input.object;
  let object: Uint8Array | null = null;
  await record.run("compile", async () => {
    const compiled = await compilePolicy({
      name: input.name,
      source: input.source,
      vmlinuxHeaderPath: context.vmlinuxHeaderPath,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    if (!compiled.ok) return { status: "reject", findings: compiled.findings };
    object = compiled.object;
    return { status: "pass", findings: compiled.warnings };
  });
  return object;
}

/** The stages so far; decides whether the next may run. */
class StageRecord {
  readonly findings: Finding[] = [];
  readonly #done = new Map<StageName, StageResult>();
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  get goesOn(): boolean {
    return ![...this.#done.values()].some((stage) => stage.status === "reject");
  }

  get verdict(): Verdict["verdict"] {
    if (!this.goesOn) return "reject";
    return this.#done.get("exercise")?.status === "pass" ? "pass" : "inconclusive";
  }

  async run(stage: StageName, work: () => Promise<StageOutcome>): Promise<void> {
    this.#progress({ step: "verify", message: `stage ${stage}` });
    const startedMs = performance.now();
    this.add(stage, await work(), performance.now() - startedMs);
  }

  add(stage: StageName, outcome: StageOutcome, durationMs: number): void {
    this.findings.push(...outcome.findings);
    this.#done.set(stage, { stage, status: outcome.status, durationMs: Math.round(durationMs) });
  }

  /** All stages in order, with those that did not run said so. */
  stages(): StageResult[] {
    return stageNames.map((stage) => {
      const status = unavailable.includes(stage) ? "not-available" : "not-run";
      return this.#done.get(stage) ?? { stage, status, durationMs: 0 };
    });
  }
}
