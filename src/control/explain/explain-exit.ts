// An explanation of what a kernel told of a scheduler that left. Pure. Called by explain-text.ts.

import type { Explanation } from "../../contract/explanation.ts";
import { escapedTail } from "../analysis/escaped-text.ts";
import type { Cause } from "./cause.ts";
import type { ExitHead, ExitReport } from "./exit-report.ts";
import { type KnownExit, knownExits } from "./known-exit.ts";
import { type Reproduction, scenarioOf, type Victim } from "./reproduction.ts";
import { stallCause } from "./stall.ts";

const quoteCharsMax = 300;
const backtraceShown = 3;
const kindStall = 1026;

/** Null where nothing in the report says that a scheduler left, or why. */
export function explainExit(report: ExitReport): Explanation | null {
  const exit = decisive(report);
  if (exit === null) return remarked(report);
  const cause = causeOf(report, exit);
  const { reproduction } = cause;
  return {
    kind: "exit",
    cause: cause.id,
    blame: cause.blame,
    summary: cause.summary,
    evidence: [
      ...quoted(report, exit),
      ...cause.evidence,
      ...report.remarks.map(
        (line) => `the kernel's log: ${escapedTail(line.trim(), quoteCharsMax)}`,
      ),
    ],
    remedy: cause.remedy,
    ...(reproduction === null ? {} : { scenario: scenarioOf(reproduction) }),
  };
}

/** The last one, in the telling that says most: a dump and a log line often tell of the same exit. */
function decisive({ exits }: ExitReport): ExitHead | null {
  const last = exits.at(-1);
  if (last === undefined) return null;
  if (last.message !== "") return last;
  const same = exits.findLast(
    (exit) => exit.message !== "" && exit.reason === last.reason && last.reason !== "",
  );
  return same ?? last;
}

function causeOf(report: ExitReport, exit: ExitHead): Cause {
  const said = `${exit.reason}\n${exit.message}`;
  const stall = /runnable task stall|failed to run for|watchdog failed to check in/.test(said);
  if (exit.kind === kindStall || stall) return stallCause(report, exit);
  for (const known of knownExits) {
    const found = known.pattern.exec(said);
    if (found !== null) return causeFrom(known, found, victimOf(exit));
  }
  return {
    id: "exit/unknown",
    blame: "unknown",
    summary: `The kernel ejected the scheduler with words that are not known here: ${escapedTail([exit.reason, exit.message].filter((text) => text !== "").join(": "), quoteCharsMax) || "none"}.`,
    evidence: [],
    remedy: [
      "Look for these words in the kernel's source, kernel/sched/ext: the function that says them names the rule that was broken.",
      "`schedcp verify POLICY` and `schedcp simulate POLICY` may show the same with more detail.",
    ],
    reproduction: { kind: "mix", victim: victimOf(exit) },
  };
}

function causeFrom(known: KnownExit, found: RegExpExecArray, victim: Victim): Cause {
  const groups = found.slice(1).map((group) => escapedTail(group ?? "", quoteCharsMax));
  return {
    id: known.id,
    blame: known.blame,
    summary: known.summary(groups),
    evidence: [],
    remedy: [...known.remedy],
    reproduction:
      known.reproduction === undefined ? null : reproductionOf(known.reproduction, victim),
  };
}

function reproductionOf(kind: Reproduction["kind"], victim: Victim): Reproduction {
  if (kind === "hotplug") return { kind };
  return kind === "real-time" ? { kind, cpu: 0, victim } : { kind, victim };
}

/** The task that the words name, or that was running: a policy may go by its name. */
function victimOf({ message, during }: ExitHead): Victim {
  const named = /(?:^|[ (])([^ (]{1,40})\[\d{1,10}\]/.exec(message)?.[1] ?? during;
  const comm = named === null || /^(?:swapper|kworker|rcu_|chrt)/.test(named) ? "worker" : named;
  return { comm, pinnedTo: null };
}

/** What was said, by whom, and the first frames above it. */
function quoted({ exits, truncated, hasDump }: ExitReport, exit: ExitHead): string[] {
  const named = exits.findLast((each) => each.scheduler !== null)?.scheduler ?? null;
  const who = named === null ? "the scheduler" : `"${escapedTail(named, 128)}"`;
  const words = [exit.reason, exit.message].filter((text) => text !== "").join(": ");
  const lines = [`the kernel, of ${who}: ${escapedTail(words, quoteCharsMax)}`];
  const frames = exit.backtrace.filter((frame) => !/^_{0,2}scx_v?exit\b/.test(frame));
  if (frames.length > 0) {
    const shown = frames.slice(0, backtraceShown).map((frame) => escapedTail(frame, 100));
    lines.push(`noticed in ${shown.join(" ← ")}`);
  }
  const same = exits.filter((each) => each.message === exit.message && each.reason !== "");
  const others = exits.length - Math.max(1, same.length);
  if (others > 0) {
    lines.push(`${others} other exit${others === 1 ? "" : "s"} in the text came before this one`);
  }
  if (hasDump && truncated) lines.push("the dump was cut off by the kernel (exit_dump_len)");
  return lines;
}

/** A log without an exit, but with a reason why a scheduler could not even start. */
function remarked({ remarks }: ExitReport): Explanation | null {
  for (const line of remarks) {
    for (const known of knownExits) {
      const found = known.pattern.exec(`\n${line}`);
      if (found === null || known.id === "error/name-taken") continue;
      const cause = causeFrom(known, found, { comm: "worker", pinnedTo: null });
      return {
        kind: "exit",
        cause: cause.id,
        blame: cause.blame,
        summary: cause.summary,
        evidence: [`the kernel's log: ${escapedTail(line.trim(), quoteCharsMax)}`],
        remedy: cause.remedy,
      };
    }
  }
  return null;
}
