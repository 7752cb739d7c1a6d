// Reads what a kernel told of a scheduler that left: line by line, leniently, in time that grows with the
// text alone. What is not understood is passed over. Pure.

import type { DumpedCpu, DumpedTask, ExitHead, ExitReport } from "./exit-report.ts";
import { logLines } from "./log-lines.ts";
import { takeFields } from "./task-fields.ts";

const exitsMax = 1000;
const tasksMax = 20_000;
const cpusMax = 8192;
const backtraceMax = 64;
const remarksMax = 8;

/** Lines of a kernel log that say something of real-time tasks, lockups and the like. */
const remarkable =
  /RT throttling activated|(?:Ext|Fair) server disabled on CPU|deadline server|hogged CPU for|BUG: soft lockup|rcu: INFO: |Not compatible with "isolcpus|[Ss]oft lockup - CPU|Hard lockup - CPU|blocked for more than|is now offline|CPU\d* .{0,16}going offline/;

export function parseExitReport(text: string): ExitReport {
  const report: ExitReport = {
    exits: [],
    cpus: [],
    hasDump: false,
    truncated: false,
    remarks: [],
  };
  const reader = new ReportReader(report);
  for (const line of logLines(text)) reader.read(line);
  return report;
}

class ReportReader {
  readonly #report: ExitReport;
  /** The exit whose next lines may follow. */
  #open: ExitHead | null = null;
  #cpu: DumpedCpu | null = null;
  #task: DumpedTask | null = null;
  #tasks = 0;
  #dumpOf: string | null = null;

  constructor(report: ExitReport) {
    this.#report = report;
  }

  read(line: string): void {
    if (line === "") return;
    if (this.#head(line) || this.#body(line)) return;
    if (remarkable.test(line) && this.#report.remarks.length < remarksMax) {
      this.#report.remarks.push(line);
    }
    if (line.includes("~~~~ TRUNCATED ~~~~")) this.#report.truncated = true;
  }

  #head(line: string): boolean {
    const disabled =
      /^sched_ext: BPF (?:sub-)?scheduler "([^"]{1,128})" (?:disabled \((.{1,128})\)|errored, disabling)$/.exec(
        line,
      );
    if (disabled !== null) {
      this.#begin({ scheduler: disabled[1] ?? null, kind: null, reason: disabled[2] ?? "" });
      return true;
    }
    const triggered =
      /^(.{1,40})\[-?\d{1,10}\] triggered exit kind (\d{1,10})(?: on CPU -?\d{1,6})?:$/.exec(line);
    if (triggered !== null) {
      this.#report.hasDump = true;
      this.#report.cpus = [];
      this.#cpu = null;
      this.#begin({ scheduler: this.#dumpOf, kind: Number(triggered[2]), reason: "" });
      if (this.#open !== null) this.#open.during = triggered[1] ?? null;
      return true;
    }
    const root = /^(\S{1,128}): (?:root|sub\d{1,4}-\d{1,20} .{0,200})$/.exec(line);
    if (root !== null) this.#dumpOf = root[1] ?? null;
    const printed = /(?:^|\s)EXIT: ([\w ()/<>-]{1,64}?)(?: \((.{1,1024})\))?$/.exec(line);
    if (printed !== null) {
      this.#begin({ scheduler: null, kind: null, reason: printed[1] ?? "" });
      if (this.#open !== null) this.#open.message = printed[2] ?? "";
      return true;
    }
    return this.#continued(line);
  }

  #begin(head: Pick<ExitHead, "scheduler" | "kind" | "reason">): void {
    this.#open = { ...head, message: "", during: null, backtrace: [] };
    if (this.#report.exits.length < exitsMax) this.#report.exits.push(this.#open);
  }

  /** The words and the stack that follow the first line of an exit. */
  #continued(line: string): boolean {
    const open = this.#open;
    if (open === null || this.#cpu !== null) return false;
    const named = open.scheduler === null ? null : `sched_ext: ${open.scheduler}: `;
    if (named !== null && line.startsWith(named)) {
      open.message = line.slice(named.length);
      return true;
    }
    const words = /^(?: {2}|sched_ext: )([\w<> -]{1,64}) \((.{0,1100})\)$/.exec(line);
    if (words !== null && open.message === "" && open.reason === "") {
      open.reason = words[1] ?? "";
      open.message = words[2] ?? "";
      return true;
    }
    if (/^\s{1,8}[\w.]{1,128}\+0x[0-9a-f]/.test(line) && open.backtrace.length < backtraceMax) {
      open.backtrace.push(line.trim());
      return true;
    }
    return line === "Backtrace:";
  }

  #body(line: string): boolean {
    const cpu = /^CPU (\d{1,6}) {0,8}: nr_run=/.exec(line);
    if (cpu !== null) {
      this.#cpu = {
        ...{ cpu: Number(cpu[1]), currentComm: "", currentPid: 0, currentClass: "", tasks: [] },
      };
      this.#task = null;
      if (this.#report.cpus.length < cpusMax) this.#report.cpus.push(this.#cpu);
      this.#report.hasDump = true;
      return true;
    }
    if (this.#cpu === null) return false;
    const current = /^\s{1,16}curr=(.{1,40})\[(-?\d{1,10})\] class=(\w{1,32})/.exec(line);
    if (current !== null) {
      this.#cpu.currentComm = current[1] ?? "";
      this.#cpu.currentPid = Number(current[2]);
      this.#cpu.currentClass = current[3] ?? "";
      return true;
    }
    const task =
      /^ ([* ])(\S) (.{1,40})\[(\d{1,10})\](?: \*?(?:root|sub\S{1,40}))? ([+-]\d{1,12})ms$/.exec(
        line,
      );
    if (task !== null) {
      this.#task = {
        ...{ comm: task[3] ?? "", pid: Number(task[4]), current: task[1] === "*" },
        ...{ waitedMs: -Number(task[5]), dsq: null, ownedByPolicy: false, byVtime: false },
        ...{ vtime: null, slice: null, weight: null, cpus: null },
      };
      if (this.#tasks++ < tasksMax) this.#cpu.tasks.push(this.#task);
      return true;
    }
    if (this.#task === null || !/^ {6}[a-z_/]{1,32}=/.test(line)) return false;
    takeFields(this.#task, line);
    return true;
  }
}
