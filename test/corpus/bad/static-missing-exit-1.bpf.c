// expect: warn static static/missing-exit
// Nobody would learn why it ended.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

s32 BPF_STRUCT_OPS(exitless_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(exitless_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, 10 * NSEC_PER_MSEC * p->scx.weight / 100 + NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(exitless_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(exitless_init)
{
	return scx_bpf_create_dsq(0, -1);
}

SCX_OPS_DEFINE(exitless_ops,
	       .select_cpu = (void *)exitless_select_cpu,
	       .enqueue = (void *)exitless_enqueue,
	       .dispatch = (void *)exitless_dispatch,
	       .init = (void *)exitless_init,
	       .timeout_ms = 30000,
	       .name = "exitless");
