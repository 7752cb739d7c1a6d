// expect: reject static static/dsq-never-created
// The queue is used without ever being created.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(uncreated_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(uncreated_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(uncreated_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(uncreated_init)
{
	return 0;
}

void BPF_STRUCT_OPS(uncreated_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(uncreated_ops,
	       .select_cpu = (void *)uncreated_select_cpu,
	       .enqueue = (void *)uncreated_enqueue,
	       .dispatch = (void *)uncreated_dispatch,
	       .init = (void *)uncreated_init,
	       .exit = (void *)uncreated_exit,
	       .timeout_ms = 30000,
	       .name = "uncreated");
