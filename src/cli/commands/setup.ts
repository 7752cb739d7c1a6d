// `setup`: installs what is missing after saying what, and makes the lab's image and snapshot.

import { SchedcpError } from "../../contract/errors.ts";
import type { Environment } from "../../contract/measurement.ts";
import { prepareLab } from "../../control/setup/prepare-lab.ts";
import { type SetupReport, setup } from "../../control/setup/setup.ts";
import { type Answer, type CommandInput, textOption } from "../command.ts";
import { environmentLines } from "../measurement-text.ts";
import { printable, type TextStyle } from "../terminal-text.ts";

export async function run(input: CommandInput): Promise<Answer> {
  const report = await setUp(input);
  return { document: report, text: (style) => setupText(report, style), exitCode: 0 };
}

/** Also the first half of `start`. */
export async function setUp(input: CommandInput): Promise<SetupReport> {
  const kernel = textOption(input, "kernel");
  // Packages are installed with prompts and other programs' output on the same terminal, so nothing
  // is drawn there; the lab's image takes minutes in silence, so that is.
  let progress = input.lines;
  return setup({
    for: purposeOf(textOption(input, "for")),
    yes: input.options.yes === true,
    ...(kernel === undefined ? {} : { kernel }),
    progress: (event) => progress(event),
    signal: input.signal,
    prepareLab(preparation): Promise<Environment> {
      progress = input.progress;
      return prepareLab(preparation);
    },
  });
}

function purposeOf(text: string | undefined): "lab" | "test" {
  if (text === undefined || text === "lab") return "lab";
  if (text === "test") return "test";
  throw new SchedcpError("usage", `setup cannot be for ${text}`, {
    hint: "Use --for lab (the default) or --for test.",
  });
}

export function setupText(report: SetupReport, style: TextStyle): string {
  const installed =
    report.installed.length === 0 ? [] : [`  installed: ${printable(report.installed.join(" "))}`];
  const done = report.nothingToDo ? "all was there already" : `done in ${report.seconds} s`;
  return [
    `${style.good("✓")} ${style.bold("The lab is ready")} (${done})`,
    ...environmentLines(report.environment).map((line) => style.dim(`  ${line}`)),
    ...installed,
  ].join("\n");
}
