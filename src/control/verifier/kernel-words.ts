// Turns what the kernel said (its verifier's log, its reason for an ejection, a panic) into findings
// that an author, or a language model, can act on. The kernel's text is quoted, escaped and bounded.

import type { SchedcpError } from "../../contract/errors.ts";
import type { ExitRecord } from "../../contract/node-protocol.ts";
import type { Finding } from "../../contract/verdict.ts";
import { escapedTail } from "../analysis/escaped-text.ts";

/** A line of the kernel verifier's log → what to do. The first that matches is told. */
const verifierHints: readonly [RegExp, string][] = [
  [
    /invalid mem access '(map_value|mem|ptr)_or_null'|possibly NULL/i,
    "Check the pointer for NULL before using it: a lookup can fail.",
  ],
  [
    /R\d+ invalid mem access 'scalar'/,
    "A number is used as a pointer: walk from a trusted pointer, field by field, without arithmetic.",
  ],
  [
    /unreleased reference|Unreleased reference/i,
    "Release what was acquired on every path (bpf_task_release, bpf_cpumask_release, scx_bpf_put_cpumask …).",
  ],
  [
    /calling kernel function (\S+) is not allowed|kernel function (\S+) .*not allowed/i,
    "This kfunc may not be called from this op or section: call it where the kernel allows it, or mark the op sleepable.",
  ],
  [
    /back-edge|infinite loop|loop is not bounded|The sequence of \d+ jumps is too complex/i,
    "Bound every loop: use bpf_for(i, 0, N) or bpf_repeat(N).",
  ],
  [
    /BPF program is too large|processed \d+ insn.*too many|insns? limit/i,
    "Too much for the kernel verifier: make loops use bpf_for and split large functions into __noinline ones.",
  ],
  [
    /invalid access to map value|R\d+ (min|max) value is (negative|outside)|out of bounds/i,
    "Bound the index before using it, e.g. `if (i >= N) return;`.",
  ],
  [
    /stack (size|limit)|combined stack size/i,
    "Keep local variables below 512 bytes in all nested calls: move buffers into a map.",
  ],
  [
    /R0 .*(must|should) be|At program exit the register R0/i,
    "Return a value of the kind that this op promises.",
  ],
  [
    /untrusted|trusted pointer|trusted_ptr_|rcu_ptr_/i,
    "A kfunc needs a trusted pointer: use the op's own argument, bpf_task_from_pid or bpf_kptr_xchg'd objects inside bpf_rcu_read_lock.",
  ],
  [
    /sleepable|might_sleep/i,
    "Sleeping calls belong into ops declared with BPF_STRUCT_OPS_SLEEPABLE (init, init_task).",
  ],
  [
    /unknown func|invalid func|unknown kfunc|failed to resolve|not found in kernel/i,
    "The target kernel has no such helper or kfunc: check the name against its vmlinux.h.",
  ],
];

/** Null for an error that says nothing of the policy (those are thrown on). */
export function loadFinding(error: SchedcpError): Finding | null {
  if (error.code === "parameter-invalid") {
    return { rule: "load/parameter", severity: "error", message: error.message, hint: error.hint };
  }
  if (error.code === "policy-invalid") {
    return { rule: "load/object", severity: "error", message: error.message, hint: error.hint };
  }
  if (error.code !== "load-rejected" && error.code !== "load-failed") return null;
  const log = typeof error.details?.log === "string" ? error.details.log : "";
  if (log.trim() === "") {
    return { rule: "load/refused", severity: "error", message: error.message, hint: error.hint };
  }
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const words = lines.filter(
    (line) => !/^(processed \d+|verification time|stack depth|libbpf:)/.test(line),
  );
  const told = words.slice(-3).map((line) => escapedTail(line, 160));
  const hint = verifierHints.find(([pattern]) =>
    words.slice(-12).some((line) => pattern.test(line)),
  );
  const location = lastSourceLine(lines);
  return {
    rule: "load/kernel-verifier",
    severity: "error",
    message: `the kernel's verifier refused it: ${told.join(" | ")}`,
    hint:
      hint?.[1] ??
      "Mend the access that the last lines name; each pointer and index must be provably safe.",
    ...(location === null ? {} : { location }),
  };
}

/** `; if (x) { @ policy.bpf.c:42` → the last such line before the refusal. */
function lastSourceLine(lines: string[]): { file: string; line: number } | null {
  for (const line of lines.toReversed()) {
    const found = /^; .* @ ([\w.-]+):(\d+)/.exec(line);
    if (found?.[1] !== undefined) return { file: found[1], line: Number(found[2]) };
  }
  return null;
}

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
    message: `the kernel ejected it: ${escapedTail(words, 400)}`,
    hint: stall
      ? "A runnable task was never dispatched: on every path of enqueue insert the task into a queue that dispatch drains on that CPU (mind pinned tasks)."
      : "The kernel's words name the call that was wrong; mend that call or check its arguments.",
  };
}

export function panicFinding(log: string[]): Finding {
  const line = log.find((text) => /Kernel panic|Oops|BUG:/.test(text)) ?? "";
  return {
    rule: "exercise/kernel-panic",
    severity: "error",
    message: `the guest's kernel panicked under it: ${escapedTail(line, 300)}`,
    hint: "Do not use this policy anywhere. Reduce it until the panic is gone, and report the kernel's fault.",
  };
}
