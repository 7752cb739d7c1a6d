// expect: reject static static/lost-task
// The queue is kept short: who comes when it is full is turned away.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define QUEUE_MAX 64

s32 BPF_STRUCT_OPS(admission_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(admission_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (scx_bpf_dsq_nr_queued(0) >= QUEUE_MAX) {
		s32 cpu = scx_bpf_task_cpu(p);

		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
		return;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(admission_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(admission_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(admission_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(admission_ops,
	       .select_cpu = (void *)admission_select_cpu,
	       .enqueue = (void *)admission_enqueue,
	       .dispatch = (void *)admission_dispatch,
	       .init = (void *)admission_init,
	       .exit = (void *)admission_exit,
	       .timeout_ms = 30000,
	       .name = "admission");
