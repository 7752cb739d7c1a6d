// expect: reject static static/newest-first
// The vtime is a fixed rank by weight: light tasks wait while any heavier one wants to run.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(ranked_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ranked_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 rank = 10000 - p->scx.weight;

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, rank, enq_flags);
}

void BPF_STRUCT_OPS(ranked_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ranked_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(ranked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ranked_ops,
	       .select_cpu = (void *)ranked_select_cpu,
	       .enqueue = (void *)ranked_enqueue,
	       .dispatch = (void *)ranked_dispatch,
	       .init = (void *)ranked_init,
	       .exit = (void *)ranked_exit,
	       .timeout_ms = 30000,
	       .name = "ranked");
