// expect: reject static static/kernel-read
// Reads the arguments' address of each program that runs.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 last_arguments;

s32 BPF_STRUCT_OPS(arguments_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(arguments_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(arguments_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(arguments_running, struct task_struct *p)
{
	struct mm_struct *mm = p->mm;

	if (mm)
		last_arguments = mm->arg_start;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(arguments_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(arguments_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(arguments_ops,
	       .select_cpu = (void *)arguments_select_cpu,
	       .enqueue = (void *)arguments_enqueue,
	       .dispatch = (void *)arguments_dispatch,
	       .running = (void *)arguments_running,
	       .init = (void *)arguments_init,
	       .exit = (void *)arguments_exit,
	       .timeout_ms = 30000,
	       .name = "arguments");
