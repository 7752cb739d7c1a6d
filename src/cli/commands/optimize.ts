// `optimize`: finds, verifies and measures a better scheduler for a workload. Keeping the default is
// a good answer (0); only inconclusive is a no (1).

import { randomInt } from "node:crypto";
import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { budgetSecondsDefault } from "../../agent/budget.ts";
import { heuristicPlanner } from "../../agent/heuristic-planner.ts";
import { optimize } from "../../agent/optimize.ts";
import { SchedcpError } from "../../contract/errors.ts";
import type { Workload } from "../../contract/workload.ts";
import { writeReport } from "../../control/report/write-report.ts";
import { newRecordId } from "../../control/repository/record-id.ts";
import { dataDirectory, ensureDataDirectory } from "../../control/repository/store-file.ts";
import { type Answer, argument, type CommandInput, numberOption, textOption } from "../command.ts";
import { assertNode, withControlPlane } from "../control.ts";
import { resultText } from "../result-text.ts";
import { workloadArgument } from "../workload-argument.ts";

const budgetSecondsMin = 30;
const budgetSecondsMax = 24 * 3600;
const seedMax = 2 ** 31;

export async function run(input: CommandInput): Promise<Answer> {
  assertNode(textOption(input, "node"));
  assertPlanner(textOption(input, "planner"));
  return optimizeWorkload(input, await workloadArgument(argument(input, 0), input));
}

/** Also the second half of `start`. */
export async function optimizeWorkload(input: CommandInput, workload: Workload): Promise<Answer> {
  const budgetSeconds = budgetOf(numberOption(input, "budget"));
  const id = newRecordId("result", new Date());
  const path = await reportPath(textOption(input, "report"), id);
  const result = await withControlPlane((control) =>
    optimize({
      id,
      workload,
      control,
      planner: heuristicPlanner,
      budgetSeconds,
      seed: numberOption(input, "seed") ?? randomInt(seedMax),
      now: Date.now,
      progress: input.progress,
      signal: input.signal,
      report: { path, write: writeReport },
    }),
  );
  return {
    document: result,
    text: (style) => resultText(result, style),
    exitCode: result.decision === "inconclusive" ? 1 : 0,
  };
}

function assertPlanner(name: string | undefined): void {
  if (name === undefined || name === "heuristic") return;
  throw new SchedcpError("not-supported", `there is no planner ${name}`, {
    hint: "The embedded one (--planner heuristic, the default) is the only one in this version.",
    details: { planners: ["heuristic"] },
  });
}

function budgetOf(seconds: number | undefined): number {
  if (seconds === undefined) return budgetSecondsDefault;
  if (seconds >= budgetSecondsMin && seconds <= budgetSecondsMax) return seconds;
  throw new SchedcpError("usage", `a budget of ${seconds} seconds cannot be kept`, {
    hint: `Give ${budgetSecondsMin} to ${budgetSecondsMax} seconds.`,
  });
}

/** Known to be writable before anything runs, so that minutes of measuring don't end in an error. */
async function reportPath(given: string | undefined, id: string): Promise<string> {
  const path =
    given === undefined ? join(dataDirectory(), "reports", `${id}.html`) : resolve(given);
  try {
    if (given === undefined) ensureDataDirectory("reports");
    await access(dirname(path), constants.W_OK);
    const there = await stat(path).catch(() => null);
    if (there === null || there.isFile()) return path;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new SchedcpError(
      "file-unreadable",
      `no report can be written to ${path}: ${error.code}`,
      {
        hint: "Give --report a file in a directory that is there and that you may write to.",
        cause: error,
      },
    );
  }
  throw new SchedcpError("file-unreadable", `${path} is there, and is no file`, {
    hint: "Give --report the path of a file, e.g. --report ./report.html.",
  });
}
