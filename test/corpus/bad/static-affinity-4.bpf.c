// expect: reject static static/affinity
// The waking CPU takes the task itself, be it allowed there or not.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(waker_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(waker_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = bpf_get_smp_processor_id();

	if (enq_flags & SCX_ENQ_WAKEUP)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(waker_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(waker_cpu_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(waker_cpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(waker_cpu_ops,
	       .select_cpu = (void *)waker_cpu_select_cpu,
	       .enqueue = (void *)waker_cpu_enqueue,
	       .dispatch = (void *)waker_cpu_dispatch,
	       .init = (void *)waker_cpu_init,
	       .exit = (void *)waker_cpu_exit,
	       .timeout_ms = 30000,
	       .name = "waker_cpu");
