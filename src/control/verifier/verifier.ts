// The stages of the Execution Verifier, in order, cheapest first: input, compile, admission, static,
// simulate, load, exercise. None runs after a rejection; what can't be decided lets later ones run and
// never ends in a pass. Says what was found; signs nothing. Called by execution-verifier.ts.

import type { NodeSource, Progress } from "../../contract/node.ts";
import type { Parameters } from "../../contract/policy.ts";
import type { Verdict } from "../../contract/verdict.ts";
import type { Workload } from "../../contract/workload.ts";
import type { ConfinedJudge } from "../confinement/confined-judge.ts";
import type { DeployablePolicy } from "../deployment/deployable-policy.ts";
import { sha256 } from "../sha256.ts";
import { splitParameters } from "../simulation/split-parameters.ts";
import { compilePolicy } from "./compile.ts";
import { exercisePolicy, leaseForExercise } from "./exercise/exercise.ts";
import { examineInput, type VerifierInput } from "./input.ts";
import { StageRecord } from "./stage-record.ts";

/** Budget of the comparison with the default scheduler on a workload that is given. */
const performanceMs = 120_000;

export interface VerifyRequest {
  input: VerifierInput;
  /** Resolved: every knob that the policy's metadata declares, and hints. */
  parameters: Parameters;
  /** Run as a part of the exercise; its programs are put into the guest. */
  workload: Workload | null;
}

export interface VerifierContext {
  nodes: NodeSource;
  judge: ConfinedJudge;
  /** The target kernel's types: as the judge reads them, and as the C header. */
  kernel: { btf: Uint8Array };
  vmlinuxHeaderPath: string;
  progress: Progress;
  signal?: AbortSignal | undefined;
}

export interface Verification {
  verdict: Omit<Verdict, "token">;
  /** What was verified, ready to be deployed; null unless it passed. */
  policy: DeployablePolicy | null;
}

export async function verifyPolicy(
  request: VerifyRequest,
  context: VerifierContext,
): Promise<Verification> {
  const { input, parameters } = request;
  const bytes = input.kind === "source" ? input.source : input.object;
  const identity = { name: input.name, sourceSha256: sha256(bytes), parameters };
  const record = new StageRecord(context.progress);
  const object = await objectOf(input, record, context);
  const policy =
    object === null ? null : { identity: { ...identity, objectSha256: sha256(object) }, object };
  const evidence: Verdict["evidence"] = {};
  if (policy !== null) {
    await examine(policy, record, context);
    if (record.goesOn) Object.assign(evidence, await simulate(policy, record, context));
    if (record.goesOn) Object.assign(evidence, await deploy(policy, request, record, context));
  }
  const verdict = {
    verdict: record.verdict,
    policy: policy?.identity ?? identity,
    stages: record.stages(),
    findings: record.findings,
    evidence,
  };
  return { verdict, policy: verdict.verdict === "pass" ? policy : null };
}

/** Stages input and compile; null after a rejection. */
async function objectOf(
  input: VerifierInput,
  record: StageRecord,
  { judge, kernel, vmlinuxHeaderPath, signal }: VerifierContext,
): Promise<Uint8Array | null> {
  await record.run("input", async () => examineInput(input));
  if (!record.goesOn) return null;
  // While the compiler works.
  judge.prepare(kernel.btf);
  if (input.kind === "object") return input.object;
  const { name, source } = input;
  let object: Uint8Array | null = null;
  await record.run("compile", async () => {
    const given = { name, source, vmlinuxHeaderPath };
    const compiled = await compilePolicy({ ...given, ...(signal === undefined ? {} : { signal }) });
    if (!compiled.ok) return { status: "reject", findings: compiled.findings };
    object = compiled.object;
    return { status: "pass", findings: compiled.warnings };
  });
  return object;
}

/** Stages admission and static, both in one visit to the confined judge. */
async function examine(
  { identity, object }: DeployablePolicy,
  record: StageRecord,
  { judge, kernel, progress, signal }: VerifierContext,
): Promise<void> {
  progress({ step: "verify", message: "stages admission and static" });
  const { knobs } = splitParameters(identity.parameters);
  const examination = await judge.examine({ objectBytes: object, knobs }, kernel.btf, signal);
  record.add("admission", examination.admission, examination.admission.durationMs);
  if (examination.static !== null) {
    record.add("static", examination.static, examination.static.durationMs);
  }
}

/** Stage simulate: the adversarial suite, drawn from a seed that follows from the object. */
async function simulate(
  { identity, object }: DeployablePolicy,
  record: StageRecord,
  { judge, kernel, signal }: VerifierContext,
): Promise<Verdict["evidence"]> {
  const seed = Number.parseInt(sha256(object).slice(0, 7), 16);
  await record.run("simulate", async () => {
    const { verdict, findings } = await judge.simulate(
      {
        ...{ policyName: identity.name, objectBytes: object, record: false },
        ...splitParameters(identity.parameters),
        subject: { kind: "suite", seed, topology: null },
      },
      kernel.btf,
      signal,
    );
    return { status: verdict, findings };
  });
  return { simulatorSeed: seed };
}

/** Stages load and exercise, on throw-away nodes. */
async function deploy(
  policy: DeployablePolicy,
  { input, workload }: VerifyRequest,
  record: StageRecord,
  context: VerifierContext,
): Promise<Verdict["evidence"]> {
  const node = leaseForExercise(context);
  const { load, exercise, evidence } = await exercisePolicy(policy, workload, node, context, {
    performanceMs,
    source: input.kind === "source" ? { file: `${input.name}.bpf.c`, text: input.source } : null,
  });
  record.add("load", load.outcome, load.durationMs);
  if (exercise !== null) record.add("exercise", exercise.outcome, exercise.durationMs);
  return evidence;
}
