// An operating failure as a person reads it: what is wrong, what to do. The details that help are
// shown in words (a failing task's end of stderr, a policy's finding); all text of others is escaped.

import type { SchedcpError } from "../contract/errors.ts";
import { printable, printableLines, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 78;

export function errorText(error: SchedcpError, style: TextStyle, debug: boolean): string {
  const lines = [
    `${style.bad("✗")} ${style.bold(printableLines(error.message.trimEnd()))}`,
    ...wrapped(printable(error.hint), width - 2, "  ").split("\n"),
  ];
  const said = stderrOf(error.details);
  if (said !== undefined && said.trim() !== "") {
    lines.push(
      "",
      style.dim("  the end of its standard error:"),
      printableLines(said.trimEnd(), "  │ "),
    );
  }
  if (debug) lines.push("", style.dim(printableLines(trace(error))));
  return lines.join("\n");
}

function stderrOf(details: Record<string, unknown> | undefined): string | undefined {
  const failure = details?.failure;
  const holder = typeof failure === "object" && failure !== null ? failure : details;
  if (holder === undefined || !("stderrTail" in holder)) return undefined;
  return typeof holder.stderrTail === "string" ? holder.stderrTail : undefined;
}

function trace(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${trace(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
