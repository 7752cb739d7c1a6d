// Dumps as kernels print them, made up piece by piece, for cases that the stored ones (test/explain/dumps,
// from a 7.2 kernel) do not have: fields as of 6.12, and CPUs in other states. Imported by tests alone.

export interface MadeTask {
  comm: string;
  pid?: number;
  waitedMs: number;
  /** As printed: `(n/a)`, `0x64`. */
  dsq?: string;
  owned?: boolean;
  current?: boolean;
  cpus?: string;
  slice?: string;
  vtime?: number;
  dsqFlags?: string;
}

export interface MadeCpu {
  cpu: number;
  curr: string;
  class: string;
  tasks?: MadeTask[];
}

/** scx_dump_state() of 6.12: `dsq_vtime` and `slice` stand behind `dsq_id`, and there is no weight. */
export function dumpText(message: string, cpus: readonly MadeCpu[]): string {
  return [
    "DEBUG DUMP",
    "=".repeat(80),
    "",
    "kworker/u16:0[2202] triggered exit kind 1026:",
    `  runnable task stall (${message})`,
    "",
    "Backtrace:",
    "  scx_watchdog_workfn+0x158/0x1f0",
    "  process_one_work+0x18b/0x340",
    "",
    "CPU states",
    "----------",
    ...cpus.flatMap(cpuLines),
    "",
    "Event counters",
    "--------------",
    "",
  ].join("\n");
}

function cpuLines({ cpu, curr, class: name, tasks = [] }: MadeCpu): string[] {
  return [
    "",
    `CPU ${String(cpu).padEnd(4)}: nr_run=${tasks.length} flags=0x9 cpu_rel=0 ops_qseq=36834 pnt_seq=2729`,
    `          curr=${curr} class=${name}`,
    ...tasks.flatMap(taskLines),
  ];
}

function taskLines(task: MadeTask): string[] {
  const { comm, pid = 100, waitedMs, dsq = "(n/a)", owned = false, current = false } = task;
  const { cpus = "f", slice = "0", vtime = 0, dsqFlags = "0x0" } = task;
  return [
    "",
    ` ${current ? "*" : " "}R ${comm}[${pid}] ${waitedMs === 0 ? "+0" : -waitedMs}ms`,
    `      scx_state/flags=3/0x1 dsq_flags=${dsqFlags} ops_state/qseq=${owned ? 2 : 0}/17`,
    `      sticky/holding_cpu=-1/-1 dsq_id=${dsq} dsq_vtime=${vtime} slice=${slice}`,
    `      cpus=${cpus}`,
    "",
    "    schedule+0x27/0xd0",
  ];
}
