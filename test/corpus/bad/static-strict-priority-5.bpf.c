// expect: reject static static/strict-priority
// The lower queue is only looked at when nothing is queued in the upper one.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define UPPER 10
#define LOWER 11

s32 BPF_STRUCT_OPS(by_length_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_length_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight >= 100)
		scx_bpf_dsq_insert(p, UPPER, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, LOWER, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(by_length_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_nr_queued(UPPER) > 0) {
		scx_bpf_dsq_move_to_local(UPPER);
		return;
	}
	scx_bpf_dsq_move_to_local(LOWER);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_length_init)
{
	s32 error = scx_bpf_create_dsq(UPPER, -1);

	return error ?: scx_bpf_create_dsq(LOWER, -1);
}

void BPF_STRUCT_OPS(by_length_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_length_ops,
	       .select_cpu = (void *)by_length_select_cpu,
	       .enqueue = (void *)by_length_enqueue,
	       .dispatch = (void *)by_length_dispatch,
	       .init = (void *)by_length_init,
	       .exit = (void *)by_length_exit,
	       .timeout_ms = 30000,
	       .name = "by_length");
