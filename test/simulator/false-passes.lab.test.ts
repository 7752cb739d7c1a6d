// Ways past the simulator that an attack found, each closed: a policy that looks harmless only because
// of its own settings, leaves before anything is tested, fills a map, or does too much in a callback.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalControlPlane } from "../../src/control/local-control-plane.ts";

let directory: string;
let control: LocalControlPlane;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-false-passes-"));
  control = new LocalControlPlane({ storePath: join(directory, "store.sqlite") });
});
afterAll(async () => {
  await control.close();
  rmSync(directory, { recursive: true });
});

interface Trial {
  declarations?: string;
  enqueue?: string;
  dispatch?: string;
  ops?: string;
}

const fifo = "scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);";

const sourceOf = ({ declarations = "", enqueue = fifo, dispatch, ops = "" }: Trial) => `
#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);
${declarations}
s32 BPF_STRUCT_OPS(trial_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}
void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	${enqueue}
}
void BPF_STRUCT_OPS(trial_dispatch, s32 cpu, struct task_struct *prev)
{
	${dispatch ?? "scx_bpf_dsq_move_to_local(0);"}
}
s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	return scx_bpf_create_dsq(0, -1);
}
void BPF_STRUCT_OPS(trial_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}
SCX_OPS_DEFINE(trial_ops, .select_cpu = (void *)trial_select_cpu, .enqueue = (void *)trial_enqueue,
	       .dispatch = (void *)trial_dispatch, .init = (void *)trial_init,
	       .exit = (void *)trial_exit, ${ops} .name = "trial");
`;

const newestFirst =
  "scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, (1ULL << 62) - bpf_ktime_get_ns(), enq_flags);";

test.each<[string, Trial, string]>([
  [
    "a partial mode under which nobody would be its task",
    { enqueue: "return;", dispatch: "", ops: ".flags = SCX_OPS_SWITCH_PARTIAL," },
    "simulate/lost-task",
  ],
  [
    "a time-out so short that it is gone before it starves anybody",
    { enqueue: newestFirst, ops: ".timeout_ms = 1," },
    "simulate/starvation",
  ],
  [
    "it leaves by itself at the first task",
    {
      declarations: `void BPF_STRUCT_OPS(trial_running, struct task_struct *p) { scx_bpf_exit(0, "bye"); }`,
      ops: ".running = (void *)trial_running,",
    },
    "simulate/runtime-error",
  ],
  [
    "a map of tasks that is full one day",
    {
      declarations: `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 10240);
        __type(key, s32); __type(value, u64); } seen SEC(".maps");`,
      enqueue: `s32 pid = p->pid; u64 one = 1;
        if (bpf_map_update_elem(&seen, &pid, &one, 0)) return; ${fifo}`,
    },
    "simulate/lost-task",
  ],
  [
    "eight million rounds in a callback",
    {
      declarations: "static long turn(u64 i, void *ctx) { return 0; }",
      enqueue: `bpf_loop(8000000, turn, NULL, 0); ${fifo}`,
    },
    "simulate/program-fault",
  ],
  [
    "forks that it refuses",
    {
      declarations: `static u32 forks;
        s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init_task, struct task_struct *p, struct scx_init_task_args *args)
        { return args->fork && ++forks % 3 == 0 ? -ENOMEM : 0; }`,
      ops: ".init_task = (void *)trial_init_task,",
    },
    "simulate/runtime-error",
  ],
])("%s", async (_name, trial, rule) => {
  const policy = { kind: "source" as const, name: "trial", source: sourceOf(trial) };
  const { report } = await control.simulate({ policy, parameters: {} });
  const errors = report.findings.filter(({ severity }) => severity === "error");
  expect(errors.map((finding) => finding.rule)).toContain(rule);
  expect(report.verdict).toBe("reject");
});
