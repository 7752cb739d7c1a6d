// Holds what the simulator did against what a guest did. Time makes no two runs alike, so sequences are
// compared as the steps of a language: which callback may follow which. A step that the tasks of one name
// take in every run of one side has to occur on the other side at least once, whichever task takes it
// there: that a task never meets a certain moment is timing, that no task ever does is a rule. Pure.

import type { CallRecord } from "./records.ts";

/** One run of the scenario: the records of its tasks, by name of the task at its end. */
export type TaskRun = Map<string, SeenRecord[][]>;

/** `resumed`: it runs again on the CPU that it was taken off, and no recorded task did so in between. */
type SeenRecord = CallRecord & { resumed?: boolean };

/** The scenario's process, whose beginning differs: a guest's is an exec'd shell. */
const mainComm = "f-main";

/** Cuts the records of several runs of one scenario into runs: each begins with another f-main. */
export function taskRuns(records: readonly CallRecord[]): TaskRun[] {
  const byPid = new Map<number, SeenRecord[]>();
  for (const record of withResumed(records)) {
    if (record.pid === 0) continue;
    const own = byPid.get(record.pid);
    if (own === undefined) byPid.set(record.pid, [record]);
    else own.push(record);
  }
  const runs: TaskRun[] = [];
  for (const pid of [...byPid.keys()].sort((a, b) => a - b)) {
    const own = byPid.get(pid) ?? [];
    const comm = own.at(-1)?.comm ?? "";
    // The parent's pid is the lowest of its run; a child that had no name of its own yet is no parent.
    const isMain = comm === mainComm && !own.some(({ op }) => op === "init_task");
    if (isMain || runs.length === 0) runs.push(new Map());
    if (!isMain && comm !== mainComm) add(runs.at(-1), comm, own);
  }
  return runs.filter((run) => run.size > 0);
}

/** Whose turn comes next on a CPU is no matter of one task's sequence alone: so much of it is. */
function* withResumed(records: readonly CallRecord[]): Generator<SeenRecord> {
  /** By CPU: the task that was taken off last, still runnable. */
  const takenOff = new Map<number, number>();
  for (const record of records) {
    const { op, cpu, pid, flags } = record;
    if (op === "running") {
      yield { ...record, resumed: takenOff.get(cpu) === pid };
      takenOff.delete(cpu);
      continue;
    }
    if (op === "stopping" && flags !== 0n) takenOff.set(cpu, pid);
    yield record;
  }
}

function add(run: TaskRun | undefined, comm: string, records: SeenRecord[]): void {
  const tasks = run?.get(comm);
  if (tasks === undefined) run?.set(comm, [records]);
  else tasks.push(records);
}

const enqWakeup = 1n;
const enqReenqueued = 1n << 40n;
const enqLast = 1n << 41n;
const wakeFork = 4n;
const wakeSync = 16n;
const deqSleep = 1n;

/** What tells one callback from another, without what only the kernel's inside knows. */
export function symbolOf({ op, flags, queued, resumed = false }: SeenRecord): string {
  switch (op) {
    case "running":
      return `${op}${resumed ? "(resumed)" : ""}`;
    case "select_cpu":
      return `${op}${flags & wakeFork ? "(fork)" : flags & wakeSync ? "(sync)" : ""}`;
    case "enqueue": {
      const last = flags & enqLast ? "(last)" : "";
      return `${op}${flags & enqWakeup ? "(wakeup)" : flags & enqReenqueued ? "(again)" : last}`;
    }
    case "runnable":
      return `${op}${flags & enqWakeup ? "(wakeup)" : ""}`;
    case "quiescent":
      return `${op}${flags & deqSleep ? "(sleep)" : ""}`;
    case "stopping":
      return `${op}${flags ? "(runnable)" : ""}`;
    case "dispatch":
      return `${op}${queued ? "(runnable)" : ""}`;
    case "set_weight":
      return `${op}(${flags})`;
    default:
      return op;
  }
}

/** Ticks come whenever they come. */
const timed = new Set(["tick"]);

/** Steps of one run: `comm: a → b`, and each task's beginning up to its first time on a CPU. */
function stepsOf(run: TaskRun): Set<string> {
  const steps = new Set<string>();
  for (const [comm, tasks] of run) {
    for (const records of tasks) {
      const symbols = records.filter(({ op }) => !timed.has(op)).map(symbolOf);
      for (const [index, symbol] of symbols.entries()) {
        const next = symbols[index + 1];
        if (next !== undefined) steps.add(`${comm}: ${symbol} → ${next}`);
      }
      const first = symbols.indexOf("running");
      if (first > 0) steps.add(`${comm}: ^ ${symbols.slice(0, first + 1).join(" ")}`);
    }
  }
  return steps;
}

export interface SequenceComparison {
  equal: boolean;
  /** Taken in every run of the guest, and never in the simulator. */
  missing: string[];
  /** Taken in every run of the simulator, and never in the guest. */
  invented: string[];
  /** Different steps seen on both sides, and on either. */
  shared: number;
  all: number;
  /** Taken by somebody in some run of the guest only, never in the simulator: a rule that shows seldom. */
  rare: string[];
}

export function compareSequences(
  guest: readonly TaskRun[],
  simulated: readonly TaskRun[],
): SequenceComparison {
  const [guestEver, guestAlways] = everAndAlways(guest);
  const [simulatedEver, simulatedAlways] = everAndAlways(simulated);
  const [guestRules, simulatedRules] = [rules(guestEver), rules(simulatedEver)];
  const missing = [...guestAlways].filter((step) => !simulatedRules.has(ruleOf(step))).sort();
  const invented = [...simulatedAlways].filter((step) => !guestRules.has(ruleOf(step))).sort();
  const shared = [...guestEver].filter((step) => simulatedEver.has(step)).length;
  return {
    equal: missing.length === 0 && invented.length === 0,
    missing,
    invented,
    shared,
    all: new Set([...guestEver, ...simulatedEver]).size,
    rare: [...guestEver]
      .filter((step) => !simulatedEver.has(step) && !guestAlways.has(step))
      .sort(),
  };
}

/** A step without the task's name. */
function ruleOf(step: string): string {
  return step.slice(step.indexOf(": ") + 2);
}

function rules(steps: ReadonlySet<string>): Set<string> {
  return new Set([...steps].map(ruleOf));
}

function everAndAlways(runs: readonly TaskRun[]): [Set<string>, Set<string>] {
  const sets = runs.map(stepsOf);
  const ever = new Set(sets.flatMap((set) => [...set]));
  const always = new Set([...ever].filter((step) => sets.every((set) => set.has(step))));
  return [ever, always];
}

export interface Verdict {
  kind: "stays" | "error" | "stall" | "leaves";
  /** The kernel's words, numbers and the task's own name taken out. */
  text: string;
}

/** `message` counts for errors alone: the kernel's log has none for a policy that left by itself. */
export function verdictOf(exit: { reason: string; message: string } | null): Verdict {
  if (exit === null) return { kind: "stays", text: "" };
  const { reason, message } = exit;
  const isError = ["runtime error", "scx_bpf_error", "runnable task stall"].includes(reason);
  const text = isError ? `${reason}: ${normalised(message)}` : reason;
  if (reason === "runnable task stall") return { kind: "stall", text };
  return { kind: isError ? "error" : "leaves", text };
}

/** Process ids, times and the like differ from run to run; ids in hexadecimal are the policy's own. */
function normalised(message: string): string {
  return message
    .replace(/f-[a-z]+\[\d+\]/g, (task) => task.replace(/\d+/, "#"))
    .replace(/\b\d+(\.\d+)?(?=s\b)/g, "#");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
