// The facade that the command line, the MCP server and sched-agent share: each method is one tool.
// Its types are the contract's. Nothing here draws, prints or exits.

import type { Explanation } from "../contract/explanation.ts";
import type { Measurement, Trace } from "../contract/measurement.ts";
import type { Progress } from "../contract/node.ts";
import type { Parameters, PolicyMetadata } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Result } from "../contract/result.ts";
import type { Finding, Verdict } from "../contract/verdict.ts";
import type { Workload } from "../contract/workload.ts";
import type { Scenario } from "../simulator/scenario/scenario.ts";
import type { RequestedMachine } from "./simulation/machine.ts";
import type { Simulation } from "./simulation/simulate-policy.ts";

export interface OperationOptions {
  progress?: Progress;
  signal?: AbortSignal;
}

/** A policy named by its id in the library, or given as C source or BPF object. */
export type PolicyInput =
  | { kind: "library"; name: string }
  | { kind: "source"; name: string; source: string }
  | { kind: "object"; name: string; object: Uint8Array };

export interface PolicySummary {
  name: string;
  summary: string;
  tags: string[];
}

export interface ExperimentRequest {
  workload: Workload;
  /** Null: both arms are the default scheduler (noise floor). */
  policy: PolicyInput | null;
  parameters: Parameters;
  /** Counted pairs; the workload's own number where not given. */
  pairs?: number;
  seed?: number;
}

/** Screens several candidates at once: rounds of (default + every candidate) in random order. */
export interface ScreenRequest {
  workload: Workload;
  candidates: { policy: PolicyInput; parameters: Parameters }[];
  rounds: number;
  seed?: number;
}

/** Of one candidate. Both null where the screening was interrupted before its first round ended. */
export interface ScreenOutcome {
  measurement: Measurement | null;
  /** Why it left: ejected, panicked, too slow, its tasks failed. Rounds before that are measured. */
  failure: Finding | null;
}

/** A policy in the simulator. Without a workload and without a scenario: the adversarial suite. */
export interface SimulateRequest {
  policy: PolicyInput;
  parameters: Parameters;
  workload?: Workload;
  /** How the workload's tasks run; the latest stored one where not given, else an assumption. */
  profile?: WorkloadProfile;
  /** In place of a workload: brings its own machine and seed. */
  scenario?: Scenario;
  machine?: RequestedMachine;
  /** 32 bits; 1 where not given. */
  seed?: number;
  /** Whether a run is recorded, for a trace or a chart. */
  record?: boolean;
}

/** What is to be explained: what somebody else printed, or something stored under an id. */
export type ExplainSubject =
  | { kind: "text"; text: string; name: string }
  | { kind: "stored"; id: string };

export interface HistoryEntry {
  id: string;
  kind: "measurement" | "result" | "verdict";
  at: string;
  workload: string | null;
  policy: string | null;
  /** One line. */
  summary: string;
}

export interface ControlPlane {
  profile(workload: Workload, options?: OperationOptions): Promise<WorkloadProfile>;
  /** An empty query lists all. */
  searchPolicies(query: string): Promise<PolicySummary[]>;
  showPolicy(name: string): Promise<{ metadata: PolicyMetadata; readme: string; source: string }>;
  verify(
    request: { policy: PolicyInput; parameters: Parameters; workload?: Workload },
    options?: OperationOptions,
  ): Promise<Verdict>;
  /** Virtual time, a model of the kernel: no lab runs. What the policy is to blame for is in the report. */
  simulate(request: SimulateRequest, options?: OperationOptions): Promise<Simulation>;
  /** Throws `policy-failed` where the policy is ejected, panics the guest or is far too slow. */
  experiment(request: ExperimentRequest, options?: OperationOptions): Promise<Measurement>;
  /** One outcome a candidate, in the request's order. */
  screen(request: ScreenRequest, options?: OperationOptions): Promise<ScreenOutcome[]>;
  /** One traced, uncounted run of an arm. */
  trace(
    request: { workload: Workload; policy: PolicyInput | null; parameters: Parameters },
    options?: OperationOptions,
  ): Promise<Trace>;
  /** Why a scheduler left, whose doing it was, what to change. Throws `usage`, `file-unreadable`, `not-found`. */
  explain(subject: ExplainSubject): Promise<Explanation>;
  history(query: { workload?: string; limit: number }): Promise<HistoryEntry[]>;
  saveResult(result: Result): Promise<void>;
  close(): Promise<void>;
}
