// Turns what the kernel said (its reason for an ejection, a panic) into findings that an author, or a
// language model, can act on. The kernel's text is quoted, escaped and bounded. What its verifier says
// of a program is load/load-finding.ts's.

import type { ExitRecord } from "../../contract/node-protocol.ts";
import type { Finding } from "../../contract/verdict.ts";
import { escapedTail } from "../analysis/escaped-text.ts";

export function ejectionFinding(exit: ExitRecord | null): Finding {
  if (exit === null) {
    return {
      rule: "exercise/ejected",
      severity: "error",
      message: "the scheduler went away and the kernel's log does not say why",
      hint: "Add an exit op that records its reason, and run again.",
    };
  }
  const stall = /stall|failed to run/.test(`${exit.reason} ${exit.message}`);
  const words = [exit.reason, exit.message].filter((text) => text !== "").join(": ");
  return {
    rule: stall ? "exercise/stall" : "exercise/ejected",
    severity: "error",
    message: `${isEjection(exit) ? "the kernel ejected it" : "it left"}: ${escapedTail(words, 400)}`,
    hint: stall
      ? "A runnable task was never dispatched: on every path of enqueue insert the task into a queue that dispatch drains on that CPU (mind pinned tasks)."
      : "The kernel's words name the call that was wrong; mend that call or check its arguments.",
  };
}

/** SCX_EXIT_UNREG: user space let go. Null: the kernel's log does not say. */
const isEjection = ({ kind }: ExitRecord) => kind !== null && kind !== 64;

export function panicFinding(log: string[]): Finding {
  const line = log.find((text) => /Kernel panic|Oops|BUG:/.test(text)) ?? "";
  return {
    rule: "exercise/kernel-panic",
    severity: "error",
    message: `the guest's kernel panicked under it: ${escapedTail(line, 300)}`,
    hint: "Do not use this policy anywhere. Reduce it until the panic is gone, and report the kernel's fault.",
  };
}
