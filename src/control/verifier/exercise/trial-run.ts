// Runs one trial in a guest under the policy that is loaded there, looking at it meanwhile: ended as
// soon as enough was seen, or the policy has left. Judges nothing. Called by trial-session.ts.

import { setTimeout as delay } from "node:timers/promises";
import { SchedcpError } from "../../../contract/errors.ts";
import type {
  DeploymentStatus,
  NodeConnection,
  NodeMethod,
  NodeParams,
  NodeResult,
  RunReport,
} from "../../../contract/node-protocol.ts";
import type { Observation, Trial, TrialRecord } from "./trial.ts";

const lookEveryMs = 80;
/** Of so many looks, one asks whether the policy is still live. */
const statusEveryLooks = 3;
/** A node that is not dead answers a look sooner, however busy the host is. */
const lookMsMax = 8000;
/** After it was stopped. */
const endMsMax = 3000;
/** What a run may take beyond its window: starting, taking back, clearing up. */
const overheadMsMax = 30_000;

/** Throws `node-lost` where the guest does not answer any more, `interrupted` by the signal. */
export async function runTrial(
  connection: NodeConnection,
  trial: Trial,
  signal: AbortSignal | undefined,
): Promise<TrialRecord> {
  const watch = new TrialWatch(connection, trial, signal);
  return watch.run();
}

class TrialWatch {
  readonly #connection: NodeConnection;
  readonly #trial: Trial;
  readonly #signal: AbortSignal | undefined;
  readonly #observations: Observation[] = [];
  #over = false;
  #stopped = false;
  #fault: TrialRecord["fault"] = null;

  constructor(connection: NodeConnection, trial: Trial, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#trial = trial;
    this.#signal = signal;
  }

  async run(): Promise<TrialRecord> {
    const running = this.#report().finally(() => {
      this.#over = true;
    });
    // Awaited below; a look may throw first.
    running.catch(() => undefined);
    await this.#look();
    const report = await this.#ended(running);
    return this.#record(report);
  }

  async #record(report: RunReport | null): Promise<TrialRecord> {
    const status = await this.#status();
    const disturbances = report?.disturbances ?? this.#observations.at(-1)?.disturbances ?? [];
    const [observations, fault] = [this.#observations, this.#fault];
    return { observations, disturbances, report, fault, status };
  }

  /**
   * A run that was stopped ends at once, unless its processes get no CPU to die. Where enough was seen
   * against the policy by then, that is not waited for.
   */
  async #ended(running: Promise<RunReport | null>): Promise<RunReport | null> {
    if (!this.#stopped) return running;
    const late = Symbol();
    // Unreferenced: nobody waits for the rest of it once the run has ended.
    const ended = await Promise.race([running, delay(endMsMax, late, { ref: false })]);
    if (ended !== late) return ended as RunReport | null;
    const fault = { isKill: true, message: "the run's processes do not end" };
    const findings = this.#trial.judge({ ...(await this.#record(null)), fault });
    if (!findings.some(({ severity }) => severity === "error")) return running;
    this.#fault = fault;
    return null;
  }

  /** Null where it was stopped from here, or the node could not carry it out. */
  async #report(): Promise<RunReport | null> {
    const { workload, windowMs, outputOf, disturbances } = this.#trial;
    const params: NodeParams<"workload.run"> = {
      workload,
      timeLimitMs: windowMs.max + overheadMsMax,
      // It is stopped from here; this is for when nobody can.
      stopAfterMs: windowMs.max + lookMsMax,
      outputOf: [...outputOf],
      trace: false,
      disturbances: [...disturbances],
    };
    try {
      return await this.#call("workload.run", params, windowMs.max + overheadMsMax);
    } catch (thrown) {
      if (!(thrown instanceof SchedcpError) || this.#signal?.aborted) throw thrown;
      if (this.#stopped && thrown.code === "interrupted") return null;
      if (thrown.code !== "internal") throw thrown;
      this.#fault = { isKill: thrown.details?.stage === "kill", message: thrown.message };
      return null;
    }
  }

  async #look(): Promise<void> {
    for (let looks = 1; !this.#over; looks++) {
      await delay(lookEveryMs);
      if (this.#over) return;
      const { atMs, ...seen } = await this.#call("workload.observe", {}, lookMsMax);
      if (atMs === null) continue;
      this.#observations.push({ atMs, ...seen });
      const hasLeft = looks % statusEveryLooks === 0 && (await this.#hasLeft());
      if (!hasLeft && !this.#isEnough(atMs)) continue;
      this.#stopped = true;
      await this.#call("workload.stop", {}, lookMsMax);
      return;
    }
  }

  #isEnough(atMs: number): boolean {
    const { windowMs, enough } = this.#trial;
    if (atMs < windowMs.min) return false;
    return atMs >= windowMs.max || enough(this.#observations);
  }

  /** Where the trial itself ends the deployment, how long that takes is still to be told. */
  async #hasLeft(): Promise<boolean> {
    const { state, exit } = await this.#status();
    if (state === "live") return false;
    return exit === null || this.#trial.departure(exit)?.kind !== "asked-for";
  }

  #status(): Promise<DeploymentStatus> {
    return this.#call("policy.status", {}, lookMsMax);
  }

  #call<M extends NodeMethod>(
    method: M,
    params: NodeParams<M>,
    timeoutMs: number,
  ): Promise<NodeResult<M>> {
    const signal = this.#signal;
    return this.#connection.call(method, params, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
  }
}
