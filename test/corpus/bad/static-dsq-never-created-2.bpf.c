// expect: reject static static/dsq-never-created
// One queue of three is forgotten in init.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define LEVELS 3

s32 BPF_STRUCT_OPS(three_levels_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(three_levels_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 level = p->scx.weight >= 200 ? 0 : p->scx.weight >= 50 ? 1 : 2;

	scx_bpf_dsq_insert(p, level, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(three_levels_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(2) || scx_bpf_dsq_move_to_local(1))
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(three_levels_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(three_levels_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(three_levels_ops,
	       .select_cpu = (void *)three_levels_select_cpu,
	       .enqueue = (void *)three_levels_enqueue,
	       .dispatch = (void *)three_levels_dispatch,
	       .init = (void *)three_levels_init,
	       .exit = (void *)three_levels_exit,
	       .timeout_ms = 30000,
	       .name = "three_levels");
