// Puts a report on the disk: whole or not at all. The only file of the report with an effect.

import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { SchedcpError } from "../../contract/errors.ts";
import type { Measurement } from "../../contract/measurement.ts";
import { renderMeasurement, renderReport } from "./report.ts";
import type { LabelledTrace, ReportInput } from "./report-input.ts";

export async function writeReport(input: ReportInput, path: string): Promise<void> {
  await writeWhole(renderReport(input), path);
}

export async function writeMeasurementReport(
  measurement: Measurement,
  traces: readonly LabelledTrace[],
  path: string,
): Promise<void> {
  await writeWhole(renderMeasurement(measurement, traces), path);
}

async function writeWhole(markup: string, path: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    await writeFile(unfinished, markup, { flag: "wx" });
    await rename(unfinished, path);
  } catch (cause) {
    // Whether that works or not, the first error is the one to tell.
    await Promise.allSettled([rm(unfinished, { force: true })]);
    throw writeError(cause, path);
  }
}

function writeError(cause: unknown, path: string): SchedcpError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new SchedcpError("no-space", `no space to write the report ${path}`, {
      hint: "Free some space, or have the report written elsewhere.",
      cause,
    });
  }
  return new SchedcpError(
    "file-unreadable",
    `cannot write the report ${path} (${code || "unknown"})`,
    {
      hint: "Give the path of a file in a directory that exists and that you may write to.",
      cause,
    },
  );
}
