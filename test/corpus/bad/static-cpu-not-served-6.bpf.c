// expect: reject static static/cpu-not-served
// Odd CPUs only help when their number is below eight.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(helpers_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(helpers_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(helpers_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 number = cpu;

	if (number % 2 == 1 && number < 8)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(helpers_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(helpers_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(helpers_ops,
	       .select_cpu = (void *)helpers_select_cpu,
	       .enqueue = (void *)helpers_enqueue,
	       .dispatch = (void *)helpers_dispatch,
	       .init = (void *)helpers_init,
	       .exit = (void *)helpers_exit,
	       .timeout_ms = 30000,
	       .name = "helpers");
