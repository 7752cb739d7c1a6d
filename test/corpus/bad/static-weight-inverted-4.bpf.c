// expect: reject static static/weight-inverted
// Priority numbers are taken for weights: the nicest get the early deadlines.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(mistaken_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(mistaken_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 importance = 140 - p->static_prio;

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, scx_bpf_now() + importance * NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(mistaken_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(mistaken_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(mistaken_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(mistaken_ops,
	       .select_cpu = (void *)mistaken_select_cpu,
	       .enqueue = (void *)mistaken_enqueue,
	       .dispatch = (void *)mistaken_dispatch,
	       .init = (void *)mistaken_init,
	       .exit = (void *)mistaken_exit,
	       .timeout_ms = 30000,
	       .name = "mistaken");
