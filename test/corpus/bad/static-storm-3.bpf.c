// expect: reject static static/storm
// All CPUs are kicked for every task.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(kick_all_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(kick_all_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())
		scx_bpf_kick_cpu(cpu, 0);
}

void BPF_STRUCT_OPS(kick_all_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_all_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(kick_all_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(kick_all_ops,
	       .select_cpu = (void *)kick_all_select_cpu,
	       .enqueue = (void *)kick_all_enqueue,
	       .dispatch = (void *)kick_all_dispatch,
	       .init = (void *)kick_all_init,
	       .exit = (void *)kick_all_exit,
	       .timeout_ms = 30000,
	       .name = "kick_all");
