// An explanation as a person reads it: what happened, whose doing it was, how that is known, what to do.

import type { Explanation } from "../contract/explanation.ts";
import { hanging, printable, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 76;

const blameWords: Record<Explanation["blame"], string> = {
  scheduler: "the scheduler",
  "real-time-task": "a real-time task, not the scheduler",
  kernel: "the kernel, in order",
  administrator: "somebody asked for it",
  unknown: "not certain",
};

export interface ExplanationFiles {
  /** What was explained, as it was given on the command line. */
  given: string;
  /** Where a scenario was to be written. */
  asked: string | undefined;
  /** Where it was. */
  scenarioAt: string | null;
}

export function explanationText(
  explanation: Explanation,
  files: ExplanationFiles,
  style: TextStyle,
): string {
  const { cause, blame, summary, evidence, remedy } = explanation;
  const judged = explanation.kind === "exit" || explanation.kind === "refusal";
  const mark = blame === "scheduler" ? style.bad : blame === "unknown" ? style.warn : style.good;
  const lines = [
    `${style.bold(printable(cause))}${judged ? `  ${style.dim("whose doing:")} ${mark(blameWords[blame])}` : ""}`,
    wrapped(printable(summary), width, "  "),
  ];
  if (evidence.length > 0) {
    lines.push("", style.dim("  What tells so"), ...evidence.map((line) => item("·", line)));
  }
  if (remedy.length > 0) {
    lines.push("", style.dim("  What to do"), ...remedy.map((line) => item("→", line)));
  }
  const scenario = scenarioLine(explanation, files);
  if (scenario !== null) lines.push("", scenario);
  return lines.join("\n");
}

function item(mark: string, text: string): string {
  return `  ${mark} ${hanging(printable(text), 4, width + 2)}`;
}

function scenarioLine({ scenario }: Explanation, files: ExplanationFiles): string | null {
  if (scenario === undefined) {
    return files.asked === undefined
      ? null
      : "  No scenario was written: the simulator has nothing to show of this.";
  }
  if (files.scenarioAt !== null) {
    return `  A scenario that shows it: schedcp simulate POLICY --scenario ${printable(files.scenarioAt)}`;
  }
  const given = files.given === "-" ? "-" : printable(files.given);
  return [
    "  To see it again in the simulator:",
    `    schedcp explain ${given} --scenario again.json`,
    "    schedcp simulate POLICY --scenario again.json",
  ].join("\n");
}
