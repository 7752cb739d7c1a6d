// expect: reject static static/absolute-time
// Jiffies decide: after a while light tasks are no longer taken in.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(jiffies_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(jiffies_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (bpf_jiffies64() > 4295000000ULL && p->scx.weight < 50)
		scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(jiffies_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(jiffies_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(jiffies_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(jiffies_ops,
	       .select_cpu = (void *)jiffies_select_cpu,
	       .enqueue = (void *)jiffies_enqueue,
	       .dispatch = (void *)jiffies_dispatch,
	       .init = (void *)jiffies_init,
	       .exit = (void *)jiffies_exit,
	       .timeout_ms = 30000,
	       .name = "jiffies");
