// expect: reject static static/strict-priority
// Two queues by nice level; the second is served when the first is empty.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define HIGH_DSQ 0
#define LOW_DSQ 1

s32 BPF_STRUCT_OPS(nice_classes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(nice_classes_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = p->static_prio <= 120 ? HIGH_DSQ : LOW_DSQ;

	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(nice_classes_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(HIGH_DSQ))
		return;
	scx_bpf_dsq_move_to_local(LOW_DSQ);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(nice_classes_init)
{
	s32 error = scx_bpf_create_dsq(HIGH_DSQ, -1);

	return error ?: scx_bpf_create_dsq(LOW_DSQ, -1);
}

void BPF_STRUCT_OPS(nice_classes_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(nice_classes_ops,
	       .select_cpu = (void *)nice_classes_select_cpu,
	       .enqueue = (void *)nice_classes_enqueue,
	       .dispatch = (void *)nice_classes_dispatch,
	       .init = (void *)nice_classes_init,
	       .exit = (void *)nice_classes_exit,
	       .timeout_ms = 30000,
	       .name = "nice_classes");
