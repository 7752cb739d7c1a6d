// expect: reject static static/storm
// Every task that comes preempts its CPU at once.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(impatient_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(impatient_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(impatient_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(impatient_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(impatient_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(impatient_ops,
	       .select_cpu = (void *)impatient_select_cpu,
	       .enqueue = (void *)impatient_enqueue,
	       .dispatch = (void *)impatient_dispatch,
	       .init = (void *)impatient_init,
	       .exit = (void *)impatient_exit,
	       .timeout_ms = 30000,
	       .name = "impatient");
