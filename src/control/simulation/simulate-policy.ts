// A policy in the simulator: what it is, its object, the kernel's types and what to run it on, given to
// the confined worker; what comes back, as a report. Whatever the policy itself is to blame for is in
// the report; a missing lab or wrong use is thrown. Called by local-control-plane.ts.

import type { Parameters, PolicyIdentity } from "../../contract/policy.ts";
import type { WorkloadProfile } from "../../contract/profile.ts";
import type { SimulatedScenario, SimulationReport } from "../../contract/simulation.ts";
import type { Finding } from "../../contract/verdict.ts";
import type { Workload } from "../../contract/workload.ts";
import type { Recording } from "../../simulator/report/recorder.ts";
import type { Scenario, Topology } from "../../simulator/scenario/scenario.ts";
import type { SimulationSubject } from "../../simulator/simulation-task.ts";
import type { ConfinedJudge } from "../confinement/confined-judge.ts";
import { sha256 } from "../sha256.ts";
import { compilePolicy } from "../verifier/compile.ts";
import { examineInput, type VerifierInput } from "../verifier/input.ts";
import { storedFidelity } from "./fidelity.ts";
import { splitParameters } from "./split-parameters.ts";

export interface SimulatePolicyRequest {
  input: VerifierInput;
  /** Resolved: what a policy's metadata declares, and hints. */
  parameters: Parameters;
  /** What to run it on; none of them: the adversarial suite. */
  workload: { workload: Workload; profile: WorkloadProfile | null } | null;
  scenario: Scenario | null;
  seed: number;
  /** Null: the workload's number of CPUs, or the suite's own machines. */
  machine: { topology: Topology; text: string } | null;
  record: boolean;
}

export interface SimulateContext {
  judge: ConfinedJudge;
  kernel: { release: string; btf: Uint8Array };
  /** The C header of the target kernel's types. */
  vmlinuxHeaderPath: string;
  signal?: AbortSignal;
}

export interface Simulation {
  report: SimulationReport;
  /** The policy's run and the default scheduler's, where they were asked for and took place. */
  recordings: Recording[];
  /** The scenario that they are of, with its figures. */
  recorded: SimulatedScenario | null;
}

export async function simulatePolicy(
  request: SimulatePolicyRequest,
  context: SimulateContext,
): Promise<Simulation> {
  const { input, parameters } = request;
  const identity: PolicyIdentity = {
    name: input.name,
    sourceSha256: sha256(input.kind === "source" ? input.source : input.object),
    parameters,
  };
  const about = aboutOf(request, context);
  const refused = (findings: Finding[]): Simulation => ({
    report: {
      verdict: "reject",
      policy: identity,
      ...about,
      unsupported: [],
      findings,
      scenarios: [],
      timesFrom: null,
    },
    recordings: [],
    recorded: null,
  });

  const examined = examineInput(input);
  if (examined.status !== "pass") return refused(examined.findings);
  // While the compiler works; an object is there at once.
  if (input.kind === "source") context.judge.prepare(context.kernel.btf);
  const compiled = await objectOf(input, context);
  if (!("object" in compiled)) return refused(compiled.findings);

  const outcome = await context.judge.simulate(
    {
      policyName: input.name,
      objectBytes: compiled.object,
      ...splitParameters(parameters),
      subject: subjectOf(request),
      record: request.record,
    },
    context.kernel.btf,
    context.signal,
  );
  const { verdict, findings, unsupported, scenarios, timesFrom } = outcome;
  return {
    report: {
      verdict,
      policy: { ...identity, objectSha256: sha256(compiled.object) },
      ...about,
      unsupported,
      findings: [...compiled.warnings, ...findings],
      scenarios,
      timesFrom,
    },
    recordings: outcome.recordings,
    recorded: outcome.recorded,
  };
}

function aboutOf(request: SimulatePolicyRequest, context: SimulateContext) {
  const { workload, scenario } = request;
  const subject = scenario !== null ? "scenario" : workload !== null ? "workload" : "suite";
  return {
    simulated: true as const,
    subject: subject as SimulationReport["subject"],
    name: scenario?.name ?? workload?.workload.name ?? null,
    seed: scenario?.seed ?? request.seed,
    topology: request.machine?.text ?? null,
    kernel: context.kernel.release,
    fidelity: storedFidelity(),
  };
}

function subjectOf(request: SimulatePolicyRequest): SimulationSubject {
  const { workload, scenario, seed, machine } = request;
  if (scenario !== null) return { kind: "scenario", scenario };
  if (workload === null) return { kind: "suite", seed, topology: machine?.topology ?? null };
  return { kind: "workload", ...workload, seed, topology: machine?.topology ?? null };
}

async function objectOf(
  input: VerifierInput,
  context: SimulateContext,
): Promise<{ object: Uint8Array; warnings: Finding[] } | { findings: Finding[] }> {
  if (input.kind === "object") return { object: input.object, warnings: [] };
  const { vmlinuxHeaderPath, signal } = context;
  const compiled = await compilePolicy({
    name: input.name,
    source: input.source,
    vmlinuxHeaderPath,
    ...(signal === undefined ? {} : { signal }),
  });
  return compiled.ok ? compiled : { findings: compiled.findings };
}
