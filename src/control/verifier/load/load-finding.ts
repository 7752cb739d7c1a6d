// The finding made of a policy that a node did not load: from the kernel verifier's log, from libbpf's
// words, or from the kernel's exit record where enabling failed. Pure. The texts are the guest's and the
// author's: bounded and escaped here. Called by exercise.ts.

import type { SchedcpError } from "../../../contract/errors.ts";
import type { Finding } from "../../../contract/verdict.ts";
import { escapedTail } from "../../analysis/escaped-text.ts";
import { failingPath } from "./failing-path.ts";
import { recognise } from "./known-refusals.ts";
import { anchorLine, type PolicySource } from "./source-anchor.ts";
import { parseVerifierLog, type SourceLine, type VerifierLog } from "./verifier-log.ts";

const wordCharsMax = 200;
const wordsShown = 2;
const codeCharsMax = 100;
/** Lines of libbpf that only say that something before them went wrong. */
const boilerplate =
  /failed to load object|failed to load: -|BPF program load failed|Retrying without BTF|^the kernel refused the policy:$/;

/**
 * Null for an error that says nothing of the policy (those are thrown on). `source`: of the policy, where it
 * is at hand: some refusals name no line, and it is then looked for there.
 */
export function loadFinding(
  error: SchedcpError,
  source: PolicySource | null = null,
): Finding | null {
  if (error.code === "parameter-invalid") return simple("load/parameter", error);
  if (error.code === "policy-invalid") return simple("load/object", error);
  if (error.code !== "load-rejected" && error.code !== "load-failed") return null;
  const exit = exitWords(error, source);
  if (exit !== null) return exit;
  const log = parseVerifierLog(detail(error, "log"));
  return log === null || log.words.length === 0
    ? libraryFinding(error, source)
    : logFinding(error, log, source);
}

function logFinding(error: SchedcpError, log: VerifierLog, source: PolicySource | null): Finding {
  const known = recognise(log.words, log.path);
  const { place, exact, trail, registers } = failingPath(log);
  const program = /^libbpf: prog '(\w{1,64})': BPF program load failed/m.exec(error.message)?.[1];
  const who =
    program === undefined ? "the kernel's verifier" : `the kernel's verifier, of ${program}`;
  const words = log.words.slice(-wordsShown).map((line) => escapedTail(line, wordCharsMax));
  const said = `${words.join("; ")}${registers.length === 0 ? "" : ` (${registers.map((state) => escapedTail(state, wordCharsMax)).join(", ")})`}`;
  const lines = [
    known === null ? `${who}: ${said}` : `${known.meaning}`,
    ...(known === null ? [] : [`${who}: ${said}`]),
    ...trail.map(lineText),
  ];
  return {
    rule: `load/${known?.id ?? "kernel-verifier"}`,
    severity: "error",
    message: lines.join("\n"),
    hint:
      known?.remedy ??
      "Mend the access that the words name: every pointer and index must be provably safe on every path.",
    ...located(exact ? null : source, [...(known?.anchors ?? []), program ?? ""], place),
  };
}

/** Not the verifier's refusal: maps, types, unresolved names. */
function libraryFinding(error: SchedcpError, source: PolicySource | null): Finding {
  const words = error.message
    .slice(0, 8192)
    .split("\n")
    .map((line) => line.replace(/^libbpf: /, "").trim())
    .filter((line) => line !== "" && !boilerplate.test(line));
  const known = recognise(words, []);
  if (known === null) {
    const told = escapedTail(words.slice(-3).join("; "), 3 * wordCharsMax);
    return { ...simple("load/refused", error), message: told === "" ? error.message : told };
  }
  return {
    rule: `load/${known.id}`,
    severity: "error",
    message: `${escapedTail(known.meaning, 2 * wordCharsMax)}\nlibbpf: ${words
      .slice(-wordsShown)
      .map((line) => escapedTail(line, wordCharsMax))
      .join("; ")}`,
    hint: known.remedy,
    ...located(source, known.anchors, null),
  };
}

/** The kernel took the object and gave it up while it enabled it. */
function exitWords(error: SchedcpError, source: PolicySource | null): Finding | null {
  const message = detail(error, "exitMessage");
  const reason = detail(error, "exitReason");
  if (message === "" && reason === "") return null;
  const said = escapedTail([reason, message].filter((text) => text !== "").join(": "), 400);
  if (reason === "scx_bpf_error") {
    return {
      rule: "load/own-error",
      severity: "error",
      message: `it gave up by itself, with scx_bpf_error, while it was being enabled\nthe kernel: ${said}`,
      ...located(source, ["scx_bpf_error"], null),
      hint: "Find the scx_bpf_error with these words in init, init_task or enable, and mend what it complains of; report an ordinary failure by an error return from init instead.",
    };
  }
  const known = recognise([message], []);
  return {
    rule: `load/${known?.id ?? "enable-failed"}`,
    severity: "error",
    message: `${known === null ? "the kernel took it and gave it up while enabling it" : escapedTail(known.meaning, 2 * wordCharsMax)}\nthe kernel: ${said}`,
    hint:
      known?.remedy ??
      "The kernel's words name the op or the call that was wrong; mend that one, or check its arguments.",
    ...located(source, known?.anchors ?? [], null),
  };
}

/** The place that the log names, or a better one from the source. */
function located(
  source: PolicySource | null,
  anchors: readonly string[],
  place: SourceLine | null,
): Pick<Finding, "location"> {
  const line = source === null ? null : anchorLine(source.text, anchors, place?.line ?? 1);
  if (source !== null && line !== null) return { location: { file: source.file, line } };
  return place === null ? {} : { location: { file: place.file, line: place.line } };
}

function lineText({ file, line, code }: SourceLine): string {
  return `${escapedTail(file, codeCharsMax)}:${line}: ${escapedTail(code, codeCharsMax)}`;
}

function simple(rule: string, { message, hint }: SchedcpError): Finding {
  return { rule, severity: "error", message, hint };
}

function detail(error: SchedcpError, name: string): string {
  const value = error.details?.[name];
  return typeof value === "string" ? value : "";
}
