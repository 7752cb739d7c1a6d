// Reads the log of the kernel's BPF verifier: what it has against a program (the words), and the one path
// that it was walking then (at log level 1 it forgets paths that ended well: pop_stack() in
// kernel/bpf/verifier.c). Pure, linear and bounded: the C lines in it are the policy author's, so any text
// can stand anywhere. Says nothing of what the words mean: known-refusals.ts does.

import { limits } from "../../../contract/limits.ts";

/** A line of C, as the object's BTF has it. Untrusted text. */
export interface SourceLine {
  file: string;
  line: number;
  code: string;
}

/** One instruction that the verifier walked, in the order in which it did. */
export interface Step {
  number: number;
  /** Such as `(85) call bpf_map_lookup_elem#1`. */
  instruction: string;
  /** What it knew of registers then: `R0=map_value_or_null(id=1,…)`; empty where it says nothing. */
  state: string;
  source: SourceLine | null;
}

export interface VerifierLog {
  /** What it has against the program, line by line; the reason is among the last. */
  words: string[];
  /** Up to the instruction that was refused; empty where no single one was. */
  path: Step[];
}

/** Longer lines are cut: no word of the kernel's and no useful line of C is longer. */
const lineCharsMax = 600;
const wordsMax = 12;
/** The one refusal that comes before the line of its instruction has ended. */
const tooLarge = "BPF program is too large. Processed 1000001 insn";

/** Null where the text is no verifier's log: libbpf puts what the kernel says of a bad BTF there, too. */
export function parseVerifierLog(text: string): VerifierLog | null {
  const path: Step[] = [];
  let words: string[] = [];
  let source: SourceLine | null = null;
  let ended = false;
  for (const raw of text.slice(-limits.verifierLogBytesMax).split("\n")) {
    const line = raw.length > lineCharsMax ? shortened(raw) : raw.trimEnd();
    if (line === "") continue;
    const step = stepOf(line, source);
    if (line.startsWith("; ")) source = sourceOf(line) ?? source;
    else if (step !== null) {
      path.push(step);
      words = step.instruction.endsWith(tooLarge) ? [tooLarge] : [];
    } else if (line.startsWith("processed ") && line.includes(" insns (limit ")) ended = true;
    else if (isState(line)) addState(path, line);
    else if (!isNoise(line)) {
      words.push(line);
      if (words.length > wordsMax) words.shift();
    }
  }
  return ended ? { words, path } : null;
}

/** The beginning and the end: a line of C has its file and number there. */
function shortened(line: string): string {
  const half = lineCharsMax / 2;
  return `${line.slice(0, half)}…${line.slice(-half)}`.trimEnd();
}

/** `; if (x) { @ policy.bpf.c:42` (verbose_linfo() in kernel/bpf/log.c). */
function sourceOf(line: string): SourceLine | null {
  const at = line.lastIndexOf(" @ ");
  const found = at < 2 ? null : /^([\w.+-]{1,255}):(\d{1,9})$/.exec(line.slice(at + 3));
  if (found?.[1] === undefined) return null;
  return { file: found[1], line: Number(found[2]), code: line.slice(2, at).trim() };
}

/** `8: (85) call bpf_map_lookup_elem#1    ; R0=…`, or `4: <invalid kfunc call>`. */
function stepOf(line: string, source: SourceLine | null): Step | null {
  const found = /^(\d{1,8}): ((?:\([0-9a-f]{2}\) |<invalid ).*)$/.exec(line);
  if (found?.[2] === undefined) return null;
  const body = found[2];
  const semicolon = body.indexOf(";");
  // A branch that is taken has the state at its target right behind it: `if w1 > 0x64 goto pc+3 12: R3=…`.
  const target = semicolon < 0 ? body.search(/ \d{1,8}: (?:R\d|frame\d)/) : -1;
  const end = semicolon >= 0 ? semicolon : target >= 0 ? target : body.length;
  const state = body.slice(end + 1).replace(/^\d{1,8}: /, "");
  return {
    number: Number(found[1]),
    instruction: body.slice(0, end).trim(),
    state: state.trim(),
    source,
  };
}

/** `1: R1=ctx() R7=trusted_ptr_task_struct()`, `from 8 to 12: R3=…`. */
function isState(line: string): boolean {
  return /^(?:\d{1,8}|from \d{1,8} to \d{1,8}): /.test(line);
}

function addState(path: Step[], line: string): void {
  const last = path.at(-1);
  if (last !== undefined && !line.startsWith("from ")) {
    last.state = `${last.state} ${line.slice(line.indexOf(":") + 1).trim()}`.trim();
  }
}

/** What it tells of its own work, and of what it goes by. */
function isNoise(line: string): boolean {
  return /^(?:func '[^']{0,128}' arg\d|(?:cur|old) state: |mark_precise: |caller:|callee:|returning from callee:|to caller at |verification time |stack depth |propagating |\s|R\d=|frame\d: )/.test(
    line,
  );
}
