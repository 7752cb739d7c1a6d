// Reduces a verifier's log to what an author has to look at: the C line of the instruction that was
// refused, the C lines that its value (or its reference, or its lock) came through, and what the
// verifier knew of the registers that it names. One walk backwards over the path. Pure.

import type { SourceLine, Step, VerifierLog } from "./verifier-log.ts";

export interface FailingPath {
  /** In the policy's own file where there is one; null where the log names no line. */
  place: SourceLine | null;
  /** The place is that of a statement, not merely the head of its function. */
  exact: boolean;
  /** In the order of running, the place last; without heads of functions. */
  trail: SourceLine[];
  /** `R1=scalar()`: the registers that the words name, as the verifier last knew them. */
  registers: string[];
}

const trailMax = 5;
const registersMax = 2;
/** How far back a value's origin is looked for, in instructions. */
const stepsBackMax = 20_000;

export function failingPath({ words, path }: VerifierLog): FailingPath {
  const last = path.at(-1);
  if (last === undefined) return { place: null, exact: false, trail: [], registers: [] };
  const said = words.join("\n");
  const named = registersNamed(said, last);
  const steps = [
    ...origins(path, named),
    ...opening(path, said),
    // A function's end has the line of its head: how the end was reached is what matters.
    ...(isExit(last) ? path.filter(isBranch).slice(-1) : []),
  ];
  const place = placeOf(path);
  return {
    place,
    exact: place !== null && isOwn(place) && !isHead(place),
    trail: trailOf(path, steps, place),
    registers: statesOf(path, named),
  };
}

/** Those of the words; where they name none, those of an instruction that computes. */
function registersNamed(said: string, last: Step): Set<string> {
  const named = [...said.matchAll(/\bR(\d)\b/g)];
  const computes = !isExit(last) && !last.instruction.includes("call ");
  const found = named.length > 0 || !computes ? named : last.instruction.matchAll(/\b[rw](\d)\b/g);
  return new Set([...found].map((each) => `${each[1]}`));
}

function placeOf(path: readonly Step[]): SourceLine | null {
  const told = path.map((step) => step.source).filter((source) => source !== null);
  return (
    told.findLast((source) => isOwn(source) && !isHead(source)) ??
    told.findLast(isOwn) ??
    told.at(-1) ??
    null
  );
}

/** Steps that made the values of these registers: moves, loads and stores are followed, calls are origins. */
function origins(path: readonly Step[], registers: ReadonlySet<string>): Step[] {
  const wanted = new Set(registers);
  const found: Step[] = [];
  const oldest = Math.max(0, path.length - 1 - stepsBackMax);
  for (let at = path.length - 2; at >= oldest && wanted.size > 0; at--) {
    const step = path[at];
    if (step === undefined || isExit(step)) break;
    const made = madeBy(step.instruction);
    if (made === null || !wanted.has(made.target)) continue;
    found.push(step);
    if (!made.keeps) wanted.delete(made.target);
    for (const source of made.sources) if (source !== "10") wanted.add(source);
  }
  return found;
}

interface Made {
  /** A register's number, or a place on the stack (`fp-8`). */
  target: string;
  sources: string[];
  /** The target's old value is a part of the new one. */
  keeps: boolean;
}

/** What an instruction writes, as kernel/bpf/disasm.c prints it; null for what writes no register. */
function madeBy(instruction: string): Made | null {
  const text = instruction.replace(/^\([0-9a-f]{2}\) /, "");
  if (text.startsWith("call ")) return { target: "0", sources: [], keeps: false };
  const load = /^[rw](\d+) = \*\(\w+ \*\)\(r(\d+) ([+-]\d+)\)$/.exec(text);
  if (load?.[1] !== undefined && load[2] !== undefined) {
    const from = load[2] === "10" ? `fp${load[3]}` : load[2];
    return { target: load[1], sources: [from], keeps: false };
  }
  const store = /^\*\(\w+ \*\)\(r10 (-\d+)\) = r(\d+)$/.exec(text);
  if (store?.[2] !== undefined) {
    return { target: `fp${store[1]}`, sources: [store[2]], keeps: false };
  }
  const change = /^[rw](\d+) (\S{1,5}) (?:\(\w+\))?(?:[rw](\d+))?/.exec(text);
  if (change?.[1] === undefined) return null;
  const sources = change[3] === undefined ? [] : [change[3]];
  return { target: change[1], sources, keeps: change[2] !== "=" };
}

/** The step that acquired what is not released, or took the lock that is held. */
function opening(path: readonly Step[], said: string): Step[] {
  const acquired = /\balloc_insn=(\d{1,8})\b/.exec(said)?.[1];
  const calls = said.includes("rcu_read_lock-ed")
    ? /call bpf_rcu_read_lock#/
    : /spin_lock-ed|holding a lock/.test(said)
      ? /call bpf_(?:res_)?spin_lock(?:_irqsave)?#/
      : null;
  // A call under a lock may itself be the taking of another.
  const step = path
    .slice(0, -1)
    .findLast(
      ({ number, instruction }) => number === Number(acquired) || calls?.test(instruction) === true,
    );
  return step === undefined ? [] : [step];
}

function trailOf(
  path: readonly Step[],
  steps: readonly Step[],
  place: SourceLine | null,
): SourceLine[] {
  const chosen = new Set(steps);
  const trail = new Map<string, SourceLine>();
  for (const step of path) {
    const { source } = step;
    if (!chosen.has(step) || source === null || !isOwn(source) || isHead(source)) continue;
    trail.set(`${source.file}:${source.line}`, source);
  }
  const way = [...trail.values()].filter((line) => place === null || !sameLine(line, place));
  return [...way.slice(1 - trailMax), ...(place === null ? [] : [place])];
}

/** What the verifier said of each register last, shortened to its kind. */
function statesOf(path: readonly Step[], registers: ReadonlySet<string>): string[] {
  const states: string[] = [];
  for (const register of registers) {
    const pattern = new RegExp(`\\bR${register}(?:_w|_r)?=(\\S{1,120})`);
    for (let at = path.length - 1; at >= 0 && at >= path.length - stepsBackMax; at--) {
      const found = pattern.exec((path[at]?.state ?? "").replace(/,?var_off=\([^)]*\)/g, ""));
      if (found === null) continue;
      states.push(`R${register}=${found[1]}`);
      break;
    }
    if (states.length === registersMax) break;
  }
  return states;
}

function isExit({ instruction }: Step): boolean {
  return instruction === "(95) exit";
}

function isBranch({ instruction }: Step): boolean {
  return /^\([0-9a-f]{2}\) if /.test(instruction);
}

/** Not a header's: the author can't mend those. */
function isOwn(source: SourceLine): boolean {
  return !source.file.endsWith(".h");
}

/** The first line of a function: what has no line of its own is put there. */
function isHead({ code }: SourceLine): boolean {
  return (
    /\bBPF_(?:STRUCT_OPS(?:_SLEEPABLE)?|PROG)\s?\(/.test(code) ||
    /^(?:static |void |int |long |bool |s32 |u32 |u64 )[^;={]*\)\s?\{?$/.test(code)
  );
}

function sameLine(a: SourceLine, b: SourceLine): boolean {
  return a.line === b.line && a.file === b.file;
}
