// A workload's own metric: a number found in its output by a regular expression. Both the pattern
// and the output are data of the user's, so the match is bounded in time. Called by metrics.ts.

import vm from "node:vm";
import { SchedcpError } from "../../contract/errors.ts";
import { escapedTail } from "./escaped-text.ts";

/** Time that all matches of one pattern may take together over one run's output. */
export const patternTimeLimitMs = 1000;
const tailShownCharacters = 300;

export interface PatternMetric {
  name: string;
  pattern: string;
}

/**
 * The last match wins: the last one in the last text that has any. `texts` are the ends of the
 * tasks' output, in the order of the tasks; each is at most limits.outputTailBytesMax.
 * Flags are `g` and `m`, so `^` and `$` match at lines.
 * Throws `workload-invalid` (not a regular expression, no group, too slow) or `workload-failed`
 * (not found, or what was found is no number).
 */
export function numberInOutput(metric: PatternMetric, texts: readonly string[]): number {
  const found = lastMatch(metric, texts);
  if (found === null) {
    throw new SchedcpError("workload-failed", `metric ${metric.name} was not found in the output`, {
      hint: `The pattern /${escapedTail(metric.pattern, 512)}/ matched nothing. The output ended: "${shownTail(texts)}". Mend the pattern, or name in \`from\` the entry that prints the number.`,
      details: { metric: metric.name },
    });
  }
  const value = found.trim() === "" ? Number.NaN : Number(found);
  if (!Number.isFinite(value)) {
    throw new SchedcpError("workload-failed", `metric ${metric.name} is not a number`, {
      hint: `The first group of /${escapedTail(metric.pattern, 512)}/ matched "${escapedTail(found, 80)}". Let the group hold digits only, such as ([0-9.]+).`,
      details: { metric: metric.name },
    });
  }
  return value;
}

/** Runs in a context of its own: the only way to stop a regular expression that backtracks for ever. */
const matchScript = new vm.Script(`
  const expression = new RegExp(pattern, "gm");
  let found = null;
  for (let text = texts.length - 1; text >= 0 && found === null; text--)
    for (const match of texts[text].matchAll(expression)) found = match[1] ?? "";
  found;
`);

function lastMatch(metric: PatternMetric, texts: readonly string[]): string | null {
  try {
    const context = vm.createContext({ pattern: metric.pattern, texts: [...texts] });
    const found: unknown = matchScript.runInContext(context, { timeout: patternTimeLimitMs });
    return typeof found === "string" ? found : null;
  } catch (thrown) {
    throw patternError(metric, thrown);
  }
}

function patternError(metric: PatternMetric, thrown: unknown): unknown {
  // Errors of the other context are not instances of this one's classes: told apart by their fields.
  const fields = thrown as { code?: unknown; name?: unknown; message?: unknown };
  const shown = `/${escapedTail(metric.pattern, 512)}/`;
  if (fields.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
    return new SchedcpError("workload-invalid", `the pattern of ${metric.name} takes too long`, {
      hint: `${shown} was still searching after ${patternTimeLimitMs} ms. Avoid nested repetitions such as (a+)+.`,
      details: { metric: metric.name },
    });
  }
  if (fields.name === "SyntaxError") {
    return new SchedcpError("workload-invalid", `the pattern of ${metric.name} is not valid`, {
      hint: `${escapedTail(String(fields.message), 300)}. Patterns are JavaScript regular expressions with one group.`,
      details: { metric: metric.name },
    });
  }
  return thrown;
}

function shownTail(texts: readonly string[]): string {
  const last = texts.findLast((text) => text.trim() !== "");
  return last === undefined ? "(nothing was printed)" : escapedTail(last, tailShownCharacters);
}
