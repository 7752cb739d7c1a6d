// expect: warn static static/deprecated
// Writes the slice directly.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(direct_writes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(direct_writes_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(direct_writes_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0) && prev && (prev->scx.flags & SCX_TASK_QUEUED))
		prev->scx.slice = SCX_SLICE_DFL;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(direct_writes_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(direct_writes_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(direct_writes_ops,
	       .select_cpu = (void *)direct_writes_select_cpu,
	       .enqueue = (void *)direct_writes_enqueue,
	       .dispatch = (void *)direct_writes_dispatch,
	       .init = (void *)direct_writes_init,
	       .exit = (void *)direct_writes_exit,
	       .timeout_ms = 30000,
	       .name = "direct_writes");
