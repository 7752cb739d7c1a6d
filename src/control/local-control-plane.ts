// The control plane in this process: wires the repository, the verifier, analysis, deployment and the
// lab behind the facade. Opens each only when first used. Holds no rule of its own: whatever counts
// is decided by the parts. Made by the command line and the MCP server.

import { createHash, randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import type { EnrolledBinary } from "../contract/enrolled-binary.ts";
import { SchedcpError } from "../contract/errors.ts";
import type { Explanation } from "../contract/explanation.ts";
import type { Measurement, Trace } from "../contract/measurement.ts";
import type { Parameters } from "../contract/policy.ts";
import type { WorkloadProfile } from "../contract/profile.ts";
import type { Result } from "../contract/result.ts";
import type { Verdict } from "../contract/verdict.ts";
import type { Workload } from "../contract/workload.ts";
import type { Lab } from "../lab/lab.ts";
import type { ConfinedJudge } from "./confinement/confined-judge.ts";
import type {
  ControlPlane,
  ExperimentRequest,
  ExplainSubject,
  HistoryEntry,
  OperationOptions,
  PolicyInput,
  PolicySummary,
  ScreenOutcome,
  ScreenRequest,
  SimulateRequest,
} from "./control-plane.ts";
import type { ArmSeriesInput } from "./deployment/arm-series.ts";
import type { DeployablePolicy } from "./deployment/deployable-policy.ts";
import { newRecordId } from "./repository/record-id.ts";
import type { Store, StoredDocument } from "./repository/store.ts";
import type { Simulation } from "./simulation/simulate-policy.ts";
import type { ExecutionVerifier, TargetKernel } from "./verifier/execution-verifier.ts";
import type { VerifierInput } from "./verifier/input.ts";

export interface LocalControlPlaneOptions {
  /** The user's own kernel image for the lab, in place of the suite's. */
  kernel?: string;
  storePath?: string;
  /** Wall clock, ms. */
  now?: () => number;
}

const seedMax = 2 ** 31;
const deployablesMax = 64;
const silent = (): void => undefined;

export class LocalControlPlane implements ControlPlane {
  readonly #options: LocalControlPlaneOptions;
  readonly #now: () => number;
  /** Policies that were compiled (or verified) here, by source and parameters. */
  readonly #deployables = new Map<string, DeployablePolicy>();
  /** The kernel's types are the same array each time: a warm judge has them already. */
  #kernelTypes: Promise<TargetKernel> | undefined;
  #judge: ConfinedJudge | undefined;
  #verifier: Promise<ExecutionVerifier> | undefined;
  #lab: Promise<Lab> | undefined;
  #store: Promise<Store> | undefined;

  constructor(options: LocalControlPlaneOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async profile(workload: Workload, options: OperationOptions = {}): Promise<WorkloadProfile> {
    const { profileWorkload } = await import("./analysis/profile.ts");
    const series = await this.#series(workload, options);
    return interruptible(options, () => profileWorkload({ ...series, ...progressOf(options) }));
  }

  async searchPolicies(query: string): Promise<PolicySummary[]> {
    const library = await this.#library();
    return library.search(query);
  }

  async showPolicy(name: string) {
    const library = await this.#library();
    return library.show(name);
  }

  async verify(
    request: { policy: PolicyInput; parameters: Parameters; workload?: Workload },
    options: OperationOptions = {},
  ): Promise<Verdict> {
    const { input, parameters } = await this.#resolve(request);
    const lab = await this.#openLab();
    const progress = options.progress ?? silent;
    const { verdict, policy } = await interruptible(options, async () => {
      const [verifier, judge, kernel, vmlinuxHeaderPath] = await Promise.all([
        this.#openVerifier(),
        this.#openJudge(),
        this.#readKernelTypes(lab, options),
        lab.vmlinuxHeader(progress, options.signal),
      ]);
      return verifier.verify(
        { input, parameters, workload: request.workload ?? null },
        { nodes: lab, judge, kernel, vmlinuxHeaderPath, progress, signal: options.signal },
      );
    });
    if (policy !== null) this.#keep(keyOf(input, parameters), policy);
    return verdict;
  }

  /** Takes a production scheduler's own program in: by name, version and digest. */
  async enrol(path: string, options: OperationOptions = {}): Promise<EnrolledBinary> {
    const { enrolBinary } = await import("./verifier/enrolment/enrol.ts");
    const [nodes, store] = await Promise.all([this.#openLab(), this.#openStore()]);
    const { progress = silent, signal } = options;
    return interruptible(options, () =>
      enrolBinary(path, { nodes, store, now: this.#now, progress, signal }),
    );
  }

  async enrolled(): Promise<EnrolledBinary[]> {
    return (await this.#openStore()).enrolledBinaries();
  }

  /** The verdict on a program that is enrolled; its file must be the very one. */
  async verifyEnrolled(path: string, options: OperationOptions = {}): Promise<Verdict> {
    const { knownBinary } = await import("./verifier/enrolment/known-binary.ts");
    const { progress = silent, signal } = options;
    return interruptible(options, async () => {
      const binary = await knownBinary(path, await this.#openStore(), signal);
      const [nodes, verifier] = await Promise.all([this.#openLab(), this.#openVerifier()]);
      const kernel = await this.#readKernelTypes(nodes, options);
      return verifier.verifyEnrolled(binary, { nodes, kernel, progress, signal });
    });
  }

  async simulate(request: SimulateRequest, options: OperationOptions = {}): Promise<Simulation> {
    const { simulatePolicy } = await import("./simulation/simulate-policy.ts");
    const { input, parameters } = await this.#resolve(request);
    const { workload, scenario = null, machine = null, seed = 1, record = false } = request;
    const lab = await this.#openLab();
    const progress = options.progress ?? silent;
    return interruptible(options, async () => {
      const judge = await this.#openJudge();
      const [vmlinuxHeaderPath, kernel] = await Promise.all([
        lab.vmlinuxHeader(progress, options.signal),
        this.#readKernelTypes(lab, options),
      ]);
      const profile = workload === undefined ? null : await this.#profileFor(request, workload);
      return simulatePolicy(
        {
          input,
          parameters,
          workload: workload === undefined ? null : { workload, profile },
          ...{ scenario, machine, seed, record },
        },
        { judge, kernel, vmlinuxHeaderPath, ...signalOf(options) },
      );
    });
  }

  async experiment(
    request: ExperimentRequest,
    options: OperationOptions = {},
  ): Promise<Measurement> {
    const { measure } = await import("./deployment/measure.ts");
    const { workload } = request;
    const at = new Date(this.#now());
    const id = newRecordId("measurement", at);
    const policy = await this.#deployable(request, options);
    const series = await this.#series(workload, options);
    // Opened before anything is measured: a store that can't be written is known in time.
    const store = await this.#openStore();
    const run = {
      id,
      at: at.toISOString(),
      workload: workload.name,
      policy: policy?.identity ?? null,
    };
    const measurement = await interruptible(options, () =>
      measure({
        ...series,
        ...progressOf(options),
        id,
        policy,
        pairs: request.pairs ?? workload.measure.pairs,
        seed: request.seed ?? randomInt(seedMax),
        onPair: (pair) => store.savePair(run, pair),
      }),
    );
    await store.saveMeasurement(measurement);
    return measurement;
  }

  async screen(request: ScreenRequest, options: OperationOptions = {}): Promise<ScreenOutcome[]> {
    const { screen } = await import("./deployment/screen.ts");
    const candidates: DeployablePolicy[] = [];
    for (const candidate of request.candidates) {
      candidates.push(await this.#compiled(candidate.policy, candidate.parameters, options));
    }
    const series = await this.#series(request.workload, options);
    const store = await this.#openStore();
    const outcomes = await interruptible(options, () =>
      screen({
        ...series,
        ...progressOf(options),
        candidates,
        newId: () => newRecordId("measurement", new Date(this.#now())),
        rounds: request.rounds,
        seed: request.seed ?? randomInt(seedMax),
      }),
    );
    for (const { measurement } of outcomes) {
      if (measurement !== null) await store.saveMeasurement(measurement);
    }
    return outcomes;
  }

  async trace(
    request: { workload: Workload; policy: PolicyInput | null; parameters: Parameters },
    options: OperationOptions = {},
  ): Promise<Trace> {
    const { takeTrace } = await import("./deployment/trace.ts");
    const policy = await this.#deployable(request, options);
    const series = await this.#series(request.workload, options);
    return interruptible(options, () => takeTrace({ ...series, ...progressOf(options), policy }));
  }

  async explain(subject: ExplainSubject): Promise<Explanation> {
    if (subject.kind === "text") {
      const { explainText } = await import("./explain/explain-text.ts");
      return explainText(subject.text, subject.name);
    }
    const stored = await this.document(subject.id);
    const { explainDocument } = await import("./explain/explain-document.ts");
    const explanation = explainDocument(stored.document);
    if (explanation !== null) return explanation;
    throw new SchedcpError("file-unreadable", `what is stored under ${subject.id} can't be read`, {
      hint: `Another version of schedcp wrote it: \`schedcp history ${subject.id}\` shows it as it is.`,
    });
  }

  async history(query: { workload?: string; limit: number }): Promise<HistoryEntry[]> {
    return (await this.#openStore()).history(query);
  }

  /** A stored document, whole. Throws `not-found`. */
  async document(id: string): Promise<StoredDocument> {
    const found = await (await this.#openStore()).document(id);
    if (found !== null) return found;
    throw new SchedcpError("not-found", `nothing is stored under the id ${id}`, {
      hint: "`schedcp history` lists the ids that there are.",
    });
  }

  async saveResult(result: Result): Promise<void> {
    await (await this.#openStore()).saveResult(result);
  }

  async close(): Promise<void> {
    const [lab, store, judge] = [this.#lab, this.#store, this.#judge];
    this.#judge = undefined;
    await judge?.close();
    this.#lab = undefined;
    this.#verifier = undefined;
    this.#store = undefined;
    // What could not be opened was thrown to whoever asked for it, and needs no closing.
    await lab?.then((opened) => opened.close(), silent);
    await store?.then((opened) => opened.close(), silent);
  }

  async #deployable(
    request: { policy: PolicyInput | null; parameters: Parameters },
    options: OperationOptions,
  ): Promise<DeployablePolicy | null> {
    if (request.policy !== null) return this.#compiled(request.policy, request.parameters, options);
    if (Object.keys(request.parameters).length === 0) return null;
    throw new SchedcpError("parameter-invalid", "the default scheduler has no parameters", {
      hint: "Name a policy, or leave the parameters out.",
    });
  }

  /** The policy's very bytes with resolved parameters: from this session's verdicts, or compiled. */
  async #compiled(
    policy: PolicyInput,
    given: Parameters,
    options: OperationOptions,
  ): Promise<DeployablePolicy> {
    const { input, parameters } = await this.#resolve({ policy, parameters: given });
    const key = keyOf(input, parameters);
    const known = this.#deployables.get(key);
    if (known !== undefined) return known;
    const { compileDeployable } = await import("./compiled-policy.ts");
    const lab = await this.#openLab();
    const vmlinuxHeaderPath = await lab.vmlinuxHeader(options.progress ?? silent, options.signal);
    const deployable = await interruptible(options, () =>
      compileDeployable({ input, parameters, vmlinuxHeaderPath, ...signalOf(options) }),
    );
    this.#keep(key, deployable);
    return deployable;
  }

  /** Of those that were compiled, the latest: a server's life is long. */
  #keep(key: string, policy: DeployablePolicy): void {
    this.#deployables.delete(key);
    this.#deployables.set(key, policy);
    const [oldest] = this.#deployables.keys();
    if (this.#deployables.size > deployablesMax && oldest !== undefined) {
      this.#deployables.delete(oldest);
    }
  }

  async #resolve(request: { policy: PolicyInput; parameters: Parameters }): Promise<{
    input: VerifierInput;
    parameters: Parameters;
  }> {
    const { policy, parameters } = request;
    if (policy.kind !== "library") return { input: policy, parameters };
    const library = await this.#library();
    const { source, metadata } = await library.show(policy.name);
    return {
      input: { kind: "source", name: metadata.name, source },
      parameters: library.resolveParameters(metadata, parameters),
    };
  }

  async #series(
    workload: Workload,
    options: OperationOptions,
  ): Promise<ArmSeriesInput & { workloadSha256: string }> {
    const nodes = await this.#openLab();
    const { workloadDigest } = await import("./analysis/workload-file.ts");
    const workloadSha256 = workloadDigest(workload);
    return { nodes, workload, workloadSha256, now: this.#now, ...signalOf(options) };
  }

  async #library() {
    const { openPolicyLibrary } = await import("./repository/policy-library.ts");
    return openPolicyLibrary();
  }

  /** The profile that was given, or the latest that is stored of this very workload. */
  async #profileFor(request: SimulateRequest, workload: Workload): Promise<WorkloadProfile | null> {
    if (request.profile !== undefined) return request.profile;
    const { storedProfile } = await import("./simulation/stored-profile.ts");
    return storedProfile(await this.#openStore(), workload);
  }

  #openVerifier(): Promise<ExecutionVerifier> {
    this.#verifier ??= Promise.all([
      import("./verifier/execution-verifier.ts"),
      this.#openStore(),
    ]).then(([{ ExecutionVerifier }, store]) => {
      return new ExecutionVerifier({ store, now: this.#now, parallel: availableParallelism() });
    });
    this.#verifier.catch(() => {
      this.#verifier = undefined;
    });
    return this.#verifier;
  }

  async #openJudge(): Promise<ConfinedJudge> {
    const { ConfinedJudge } = await import("./confinement/confined-judge.ts");
    this.#judge ??= new ConfinedJudge();
    this.#judge.warm();
    return this.#judge;
  }

  #readKernelTypes(lab: Lab, options: OperationOptions) {
    this.#kernelTypes ??= lab
      .kernelTypes(options.progress ?? silent, options.signal)
      .catch((error: unknown) => {
        this.#kernelTypes = undefined;
        throw error;
      });
    return this.#kernelTypes;
  }

  #openLab(): Promise<Lab> {
    const { kernel } = this.#options;
    this.#lab ??= import("../lab/lab.ts")
      .then(({ openLab }) =>
        openLab({ mayBuild: false, ...(kernel === undefined ? {} : { kernel }) }),
      )
      .catch((error: unknown) => {
        // A disk that was full may have room the next time.
        this.#lab = undefined;
        throw error;
      });
    return this.#lab;
  }

  #openStore(): Promise<Store> {
    const { storePath } = this.#options;
    this.#store ??= import("./repository/store.ts")
      .then(({ openStore }) => openStore(storePath))
      .catch((error: unknown) => {
        this.#store = undefined;
        throw error;
      });
    return this.#store;
  }
}

/** An aborted operation ends as `interrupted`, whichever of its parts noticed first. */
async function interruptible<T>(options: OperationOptions, work: () => Promise<T>): Promise<T> {
  try {
    options.signal?.throwIfAborted();
    return await work();
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    if (error instanceof SchedcpError && error.code === "interrupted") throw error;
    throw new SchedcpError("interrupted", "the operation was interrupted", {
      hint: "`schedcp history` shows what was stored until then.",
      cause: error,
    });
  }
}

function keyOf(input: VerifierInput, parameters: Parameters): string {
  const bytes = input.kind === "source" ? input.source : input.object;
  const digest = createHash("sha256").update(bytes).digest("hex");
  return JSON.stringify([input.name, digest, Object.entries(parameters).sort()]);
}

function progressOf(options: OperationOptions): Pick<OperationOptions, "progress"> {
  return options.progress === undefined ? {} : { progress: options.progress };
}

function signalOf(options: OperationOptions): Pick<OperationOptions, "signal"> {
  return options.signal === undefined ? {} : { signal: options.signal };
}
