// The verdict on an enrolled program: stages load and exercise, for it comes as a whole and is nobody's
// candidate. The rules made for policies that agents write (no printing, no tracing, no maps of others)
// are not asked of it. Signs nothing. Called by execution-verifier.ts.

import type { NodeSource, Progress } from "../../../contract/node.ts";
import {
  type Finding,
  type StageName,
  type StageResult,
  stageNames,
  type Verdict,
} from "../../../contract/verdict.ts";
import { runTrials } from "../exercise/exercise.ts";
import { ExerciseRecord } from "../exercise/exercise-record.ts";
import { binarySubject } from "./binary-subject.ts";
import { binaryTrialGroups } from "./binary-trials.ts";
import { nodeFor } from "./enrol.ts";
import type { KnownBinary } from "./known-binary.ts";

/** An emulated guest takes seconds to verify a large scheduler's programs. */
const startMsMax = 60_000;

export interface EnrolledContext {
  nodes: NodeSource;
  progress: Progress;
  signal?: AbortSignal | undefined;
}

const reasons: Partial<Record<StageName, string>> = {
  input: "an enrolled program: its digest says which bytes are meant, and they are not read",
  compile: "an enrolled program: it comes built",
  admission: "an enrolled program: rules for policies that agents write are not for it",
  static: "an enrolled program: rules for policies that agents write are not for it",
  simulate: "an enrolled program: its user-space part sets its objects up, and is not modelled",
};

/** `startMs`: how long it may take until its scheduler is enabled. */
export async function verifyEnrolled(
  { enrolled, program, librariesSha256 }: KnownBinary,
  { nodes, progress, signal }: EnrolledContext,
  startMs: number = startMsMax,
): Promise<Omit<Verdict, "token">> {
  const { name, version, sha256 } = enrolled;
  const record = new ExerciseRecord();
  const subject = binarySubject({ name, sha256 }, startMs);
  const options = { progress, ...(signal === undefined ? {} : { signal }) };
  const again = () => nodes.lease(nodeFor(program), options);
  const runs = { subject, groups: binaryTrialGroups, first: again(), again, progress, signal };
  await runTrials(runs, record);
  const { load, exercise, evidence } = record.report();
  const done = new Map<StageName, StageResult>([["load", resultOf("load", load)]]);
  if (exercise !== null) done.set("exercise", resultOf("exercise", exercise));
  const findings = [...load.outcome.findings, ...(exercise?.outcome.findings ?? [])].map(forOwner);
  const { started } = subject;
  return {
    verdict: (exercise ?? load).outcome.status,
    policy: { name, sourceSha256: sha256, parameters: {} },
    enrolledBinary: { version, sha256 },
    stages: stageNames.map((stage) => done.get(stage) ?? notRun(stage)),
    findings: started === null ? findings : [...findings, ownWatchdog],
    evidence: {
      ...evidence,
      binarySha256: sha256,
      binaryVersion: version,
      librariesSha256,
      ...(started === null ? {} : { opsName: started.opsName }),
    },
  };
}

function resultOf(
  stage: StageName,
  { outcome, durationMs }: { outcome: { status: StageResult["status"] }; durationMs: number },
): StageResult {
  return { stage, status: outcome.status, durationMs: Math.round(durationMs) };
}

function notRun(stage: StageName): StageResult {
  const reason = reasons[stage];
  const result: StageResult = { stage, status: "not-run", durationMs: 0 };
  return reason === undefined ? result : { ...result, reason };
}

/** Hints are written for authors. Who enrolled it is none: he can leave it, or tell them. */
function forOwner(finding: Finding): Finding {
  if (finding.severity !== "error" || finding.rule.startsWith("load/")) return finding;
  const hint = `Do not run this version on such a kernel; tell its authors, or enrol another. To them: ${finding.hint}`;
  return { ...finding, hint };
}

const ownWatchdog: Finding = {
  rule: "exercise/own-watchdog",
  severity: "note",
  message:
    "the watchdog's time-out was asked of it (SCX_TIMEOUT_MS: 1.2 s, then 30 s) and could not be imposed: a program that does not take it runs under its own. Who waits too long was judged by CPU time as well",
  hint: "Nothing is to be done; a node can't impose a time-out on an enrolled program either.",
};
