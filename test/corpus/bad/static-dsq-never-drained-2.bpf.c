// expect: reject static static/dsq-never-drained
// The shared queue has another number in dispatch than in enqueue.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

enum { SHARED_DSQ = 100, LEGACY_DSQ = 10 };

s32 BPF_STRUCT_OPS(mistyped_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(mistyped_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, SHARED_DSQ, SCX_SLICE_DFL, p->scx.dsq_vtime, enq_flags);
}

void BPF_STRUCT_OPS(mistyped_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(LEGACY_DSQ);
}

void BPF_STRUCT_OPS(mistyped_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(mistyped_init)
{
	s32 error = scx_bpf_create_dsq(SHARED_DSQ, -1);

	return error ?: scx_bpf_create_dsq(LEGACY_DSQ, -1);
}

void BPF_STRUCT_OPS(mistyped_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(mistyped_ops,
	       .select_cpu = (void *)mistyped_select_cpu,
	       .enqueue = (void *)mistyped_enqueue,
	       .dispatch = (void *)mistyped_dispatch,
	       .stopping = (void *)mistyped_stopping,
	       .init = (void *)mistyped_init,
	       .exit = (void *)mistyped_exit,
	       .timeout_ms = 30000,
	       .name = "mistyped");
