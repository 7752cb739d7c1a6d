// A test double of the ControlPlane: the real profile, screening and measurement over scripted nodes,
// with a small library and a verifier that says what the test wants. Imported by tests alone.

import { SchedcpError } from "../../src/contract/errors.ts";
import type { PolicyIdentity, PolicyMetadata } from "../../src/contract/policy.ts";
import { policyMetadataSchema } from "../../src/contract/policy.ts";
import type { Result } from "../../src/contract/result.ts";
import type {
  SimulatedRun,
  SimulatedScenario,
  SimulationReport,
} from "../../src/contract/simulation.ts";
import type { Verdict } from "../../src/contract/verdict.ts";
import { profileWorkload } from "../../src/control/analysis/profile.ts";
import type { ControlPlane, PolicyInput } from "../../src/control/control-plane.ts";
import type { DeployablePolicy } from "../../src/control/deployment/deployable-policy.ts";
import { measure } from "../../src/control/deployment/measure.ts";
import { screen } from "../../src/control/deployment/screen.ts";
import type { ScriptedNodes } from "./scripted-nodes.ts";

const zeros = "0".repeat(64);

const sliceKnob = {
  name: "slice_us",
  type: "integer",
  default: 20_000,
  min: 500,
  max: 1_000_000,
  description: "Slice.",
};

export const scriptedLibrary: PolicyMetadata[] = [
  { name: "fifo", knobs: [] },
  { name: "weighted-vtime", knobs: [sliceKnob] },
  {
    name: "longest-first",
    hints: true,
    knobs: [
      { ...sliceKnob, name: "attained_ms", default: 0, min: 0, max: 10_000 },
      { ...sliceKnob, name: "age_limit_ms", default: 5000, max: 10_000 },
    ],
  },
  { name: "shortest-first", knobs: [] },
  { name: "interactive-first", knobs: [sliceKnob] },
  { name: "llc-steal", knobs: [] },
  { name: "long-slices", knobs: [sliceKnob] },
].map((policy) =>
  policyMetadataSchema.parse({
    ...policy,
    summary: "A policy.",
    description: "How it decides.",
    typicalUse: "Tests.",
    notFor: "Anything else.",
    productionReady: false,
  }),
);

export interface ScriptedControl extends ControlPlane {
  readonly saved: Result[];
  calls: number;
}

export function scriptedControl(
  nodes: ScriptedNodes,
  options: {
    library?: PolicyMetadata[];
    verdictOf?: (name: string) => Verdict["verdict"];
    workloadSha256?: string;
    /** Percent of the makespan that the simulator foresees as saved; it can't say any where not given. */
    foreseen?: (name: string) => number;
  } = {},
): ScriptedControl {
  const library = options.library ?? scriptedLibrary;
  const workloadSha256 = options.workloadSha256 ?? zeros;
  const saved: Result[] = [];
  const counted = <T>(answer: T): T => {
    control.calls++;
    return answer;
  };
  const identity = (policy: PolicyInput, parameters: PolicyIdentity["parameters"]) => ({
    name: policy.name,
    sourceSha256: zeros,
    parameters,
  });
  const deployable = (
    policy: PolicyInput,
    parameters: PolicyIdentity["parameters"],
  ): DeployablePolicy => ({
    identity: identity(policy, parameters),
    object: new Uint8Array(4),
  });

  const control: ScriptedControl = {
    saved,
    calls: 0,
    profile: async (workload, given) =>
      await profileWorkload({ ...counted(given), nodes, workload, workloadSha256, now: nodes.now }),
    searchPolicies: async () =>
      counted(library.map(({ name, summary, tags }) => ({ name, summary, tags }))),
    showPolicy: async (name) => {
      const metadata = library.find((policy) => policy.name === name);
      if (metadata === undefined) throw new Error(`no policy ${name}`);
      return counted({ metadata, readme: "", source: "" });
    },
    verify: async ({ policy, parameters }) =>
      counted({
        verdict: options.verdictOf?.(policy.name) ?? "pass",
        policy: identity(policy, parameters),
        stages: [],
        findings: [],
        evidence: {},
      }),
    simulate: async ({ policy, parameters, seed }) =>
      counted({
        report: simulated(identity(policy, parameters), seed ?? 1, options.foreseen?.(policy.name)),
        recordings: [],
        recorded: null,
      }),
    experiment: async ({ workload, policy, parameters, pairs, seed }, given) =>
      await measure({
        ...counted(given),
        id: "measurement",
        nodes,
        now: nodes.now,
        workload,
        workloadSha256,
        policy: policy === null ? null : deployable(policy, parameters),
        pairs: pairs ?? workload.measure.pairs,
        seed: seed ?? 1,
      }),
    screen: async ({ workload, candidates, rounds, seed }, given) =>
      await screen({
        ...counted(given),
        newId: () => "measurement",
        nodes,
        now: nodes.now,
        workload,
        workloadSha256,
        candidates: candidates.map(({ policy, parameters }) => deployable(policy, parameters)),
        rounds,
        seed: seed ?? 1,
      }),
    trace: async () => {
      throw counted(new SchedcpError("not-supported", "no probe here", { hint: "None." }));
    },
    explain: async () => {
      throw counted(new SchedcpError("not-supported", "nothing is stored here", { hint: "None." }));
    },
    history: async () => counted([]),
    saveResult: async (result) => {
      counted(saved.push(result));
    },
    close: async () => undefined,
  };
  return control;
}

function simulated(
  policy: PolicyIdentity,
  seed: number,
  gain: number | undefined,
): SimulationReport {
  const run = (makespanMs: number): SimulatedRun => ({
    ...{ makespanMs, finished: true, waitMs: null, fairness: null, utilisationPercent: 100 },
    ...{ switches: 0, migrations: 0, exit: null },
  });
  const scenario: SimulatedScenario = {
    ...{ name: "workload", seed, cpus: 2, tasks: 2, simulatedMs: 1000, events: 10, findings: [] },
    policy: run(1000 - 10 * (gain ?? 0)),
    default: run(1000),
  };
  return {
    verdict: gain === undefined ? "inconclusive" : "pass",
    policy,
    simulated: true,
    subject: "workload",
    ...{ name: "workload", seed, topology: null, kernel: "7.2.0", unsupported: [], findings: [] },
    scenarios: gain === undefined ? [] : [scenario],
    timesFrom: null,
    fidelity: null,
  };
}
