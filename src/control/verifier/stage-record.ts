// The stages of one verification as they come to their ends, and what follows from them: whether the
// next may run, and the verdict. Called by verifier.ts.

import type { Progress } from "../../contract/node.ts";
import {
  type Finding,
  type StageName,
  type StageResult,
  stageNames,
  type Verdict,
} from "../../contract/verdict.ts";

/** What a stage answers. `inconclusive` lets later stages run but never ends in a pass. */
export interface StageOutcome {
  status: "pass" | "reject" | "inconclusive";
  findings: Finding[];
}

export class StageRecord {
  readonly findings: Finding[] = [];
  readonly #done = new Map<StageName, StageResult>();
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  get goesOn(): boolean {
    return ![...this.#done.values()].some((stage) => stage.status === "reject");
  }

  /** A pass is every stage's; only an object has nothing to compile. */
  get verdict(): Verdict["verdict"] {
    if (!this.goesOn) return "reject";
    const lacking = stageNames.filter((name) => this.#done.get(name)?.status !== "pass");
    return lacking.every((name) => name === "compile" && !this.#done.has(name))
      ? "pass"
      : "inconclusive";
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
    return stageNames.map(
      (stage) => this.#done.get(stage) ?? { stage, status: "not-run", durationMs: 0 },
    );
  }
}
