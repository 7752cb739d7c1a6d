// What is asked of the confined judge, and what it answers. Requests are ours; answers are data of who
// knows whom, and are read with these schemas.

import { z } from "zod";
import { type ErrorCode, type ErrorDocument, errorCodes } from "../../contract/errors.ts";
import { simulatedScenarioSchema } from "../../contract/simulation.ts";
import { findingSchema } from "../../contract/verdict.ts";
import type { SimulationOutcome, SimulationTask } from "../../simulator/simulation-task.ts";
import type { Examination, ExaminationTask } from "../verifier/examination.ts";

export type JudgeRequest =
  /** The target kernel's BTF, for all that follow; nothing is answered. */
  | { kind: "types"; kernelBtf: Uint8Array }
  | { kind: "examine"; task: ExaminationTask }
  | { kind: "simulate"; task: SimulationTask };

const spanSchema = z.object({
  task: z.instanceof(Int32Array),
  cpu: z.instanceof(Int32Array),
  startNs: z.instanceof(Float64Array),
  endNs: z.instanceof(Float64Array),
});

/** Of a recording, what is followed as an index or drawn; its form otherwise is the recorder's. */
const recordingSchema = z.looseObject({
  label: z.string().max(256),
  cpus: z.number().int().min(1).max(8192),
  running: spanSchema,
  waiting: spanSchema,
});

const outcomeSchema = z.strictObject({
  verdict: z.enum(["pass", "reject", "inconclusive"]),
  findings: z.array(findingSchema).max(1000),
  unsupported: z
    .array(z.strictObject({ kind: z.string(), name: z.string(), program: z.string() }))
    .max(10_000),
  scenarios: z.array(simulatedScenarioSchema).max(10_000),
  timesFrom: z.string().nullable(),
  recordings: z.array(recordingSchema).max(2),
  recorded: simulatedScenarioSchema.nullable(),
});

const judgementSchema = z.strictObject({
  status: z.enum(["pass", "reject", "inconclusive"]),
  findings: z.array(findingSchema).max(1000),
  durationMs: z.number(),
});

const codeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const judgeReplySchema = z.union([
  z.strictObject({
    ok: z.literal(true),
    examination: z.strictObject({ admission: judgementSchema, static: judgementSchema.nullable() }),
  }),
  z.strictObject({ ok: z.literal(true), outcome: outcomeSchema }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({
      code: codeSchema,
      message: z.string().max(8192),
      hint: z.string().max(8192),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
    stack: z.string().optional(),
  }),
]);

export type JudgeReply =
  | { ok: true; examination: Examination }
  | { ok: true; outcome: SimulationOutcome }
  /** Wrong use (a knob that there is not), or a fault of the judge itself. */
  | { ok: false; error: ErrorDocument["error"]; stack?: string };
