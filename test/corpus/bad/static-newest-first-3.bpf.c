// expect: reject static static/newest-first
// Everything goes to the head of the queue, because caches are warm.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(head_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(head_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
}

void BPF_STRUCT_OPS(head_first_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(head_first_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(head_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(head_first_ops,
	       .select_cpu = (void *)head_first_select_cpu,
	       .enqueue = (void *)head_first_enqueue,
	       .dispatch = (void *)head_first_dispatch,
	       .init = (void *)head_first_init,
	       .exit = (void *)head_first_exit,
	       .timeout_ms = 30000,
	       .name = "head_first");
