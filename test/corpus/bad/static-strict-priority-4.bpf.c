// expect: reject static static/strict-priority
// Three classes by scheduling policy, tried one after the other by a helper.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

enum { NORMAL, BATCH, IDLE, QUEUES };

static __noinline bool take(u64 dsq)
{
	return scx_bpf_dsq_move_to_local(dsq);
}

s32 BPF_STRUCT_OPS(policies_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(policies_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = NORMAL;

	if (p->policy == 3)
		dsq = BATCH;
	else if (p->policy == 5)
		dsq = IDLE;
	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(policies_dispatch, s32 cpu, struct task_struct *prev)
{
	if (take(NORMAL))
		return;
	if (take(BATCH))
		return;
	take(IDLE);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(policies_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, QUEUES) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			break;
	}
	return error;
}

void BPF_STRUCT_OPS(policies_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(policies_ops,
	       .select_cpu = (void *)policies_select_cpu,
	       .enqueue = (void *)policies_enqueue,
	       .dispatch = (void *)policies_dispatch,
	       .init = (void *)policies_init,
	       .exit = (void *)policies_exit,
	       .timeout_ms = 30000,
	       .name = "policies");
