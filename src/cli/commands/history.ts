// `history`: what was measured, verified and decided before, newest first; with an id, one of them
// whole. Stored documents are parsed before they are shown: another version may have written them.

import { measurementSchema } from "../../contract/measurement.ts";
import { resultSchema } from "../../contract/result.ts";
import { verdictSchema } from "../../contract/verdict.ts";
import type { HistoryEntry } from "../../control/control-plane.ts";
import { moment } from "../../control/report/quantity.ts";
import type { StoredDocument } from "../../control/repository/store.ts";
import { type Answer, type CommandInput, numberOption, textOption } from "../command.ts";
import { withControlPlane } from "../control.ts";
import { measurementText } from "../measurement-text.ts";
import { resultText } from "../result-text.ts";
import { printable, printableJson, type TextStyle, wrapped } from "../terminal-text.ts";
import { verdictText } from "../verdict-text.ts";

const entriesShown = 20;
const width = 76;

export async function run(input: CommandInput): Promise<Answer> {
  const [id] = input.arguments;
  if (id !== undefined) {
    const stored = await withControlPlane((control) => control.document(id));
    return { document: stored, text: (style) => storedText(stored, style), exitCode: 0 };
  }
  const workload = textOption(input, "workload");
  const limit = numberOption(input, "limit") ?? entriesShown;
  const query = { limit, ...(workload === undefined ? {} : { workload }) };
  const entries = await withControlPlane((control) => control.history(query));
  return { document: { entries }, text: (style) => historyText(entries, style), exitCode: 0 };
}

function historyText(entries: readonly HistoryEntry[], style: TextStyle): string {
  if (entries.length === 0) return "Nothing yet: `schedcp start` is a good beginning.";
  return entries
    .map((entry) => {
      const about = [
        entry.policy ?? "default",
        ...(entry.workload === null ? [] : [entry.workload]),
      ];
      return [
        `${style.dim(moment(entry.at))}  ${style.bold(printable(about.join(" on ")))}  ${style.dim(printable(entry.id))}`,
        wrapped(printable(entry.summary), width, "  "),
      ].join("\n");
    })
    .join("\n");
}

function storedText(stored: StoredDocument, style: TextStyle): string {
  const { kind, document } = stored;
  if (kind === "measurement") {
    const measurement = measurementSchema.safeParse(document);
    if (measurement.success) return measurementText(measurement.data, style);
  } else if (kind === "verdict") {
    const verdict = verdictSchema.safeParse(document);
    if (verdict.success) return verdictText(verdict.data, style);
  } else if (kind === "result") {
    const result = resultSchema.safeParse(document);
    if (result.success) return resultText(result.data, style);
  }
  return printableJson(stored, true);
}
