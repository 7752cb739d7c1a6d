// expect: reject static static/slice-unbounded
// Batch tasks run for a minute at a time.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* Slice of tasks of low weight, ms. */
const volatile u64 batch_ms = 60000;

s32 BPF_STRUCT_OPS(minutes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(minutes_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = p->scx.weight < 100 ? batch_ms * NSEC_PER_MSEC : SCX_SLICE_DFL;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(minutes_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(minutes_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(minutes_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(minutes_ops,
	       .select_cpu = (void *)minutes_select_cpu,
	       .enqueue = (void *)minutes_enqueue,
	       .dispatch = (void *)minutes_dispatch,
	       .init = (void *)minutes_init,
	       .exit = (void *)minutes_exit,
	       .timeout_ms = 30000,
	       .name = "minutes");
