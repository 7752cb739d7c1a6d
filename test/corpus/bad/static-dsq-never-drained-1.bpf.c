// expect: reject static static/dsq-never-drained
// Batch tasks go to a second queue that dispatch forgets.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define INTERACTIVE_DSQ 0
#define BATCH_DSQ 1

s32 BPF_STRUCT_OPS(two_queues_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(two_queues_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = p->scx.weight < 100 ? BATCH_DSQ : INTERACTIVE_DSQ;

	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(two_queues_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(INTERACTIVE_DSQ);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(two_queues_init)
{
	s32 error = scx_bpf_create_dsq(INTERACTIVE_DSQ, -1);

	if (error)
		return error;
	return scx_bpf_create_dsq(BATCH_DSQ, -1);
}

void BPF_STRUCT_OPS(two_queues_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(two_queues_ops,
	       .select_cpu = (void *)two_queues_select_cpu,
	       .enqueue = (void *)two_queues_enqueue,
	       .dispatch = (void *)two_queues_dispatch,
	       .init = (void *)two_queues_init,
	       .exit = (void *)two_queues_exit,
	       .timeout_ms = 30000,
	       .name = "two_queues");
