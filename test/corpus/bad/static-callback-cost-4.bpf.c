// expect: reject static static/callback-cost
// A callback in a callback: two thousand times two thousand rounds.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 sum;

static long inner(u64 index, void *data)
{
	sum += index;
	return 0;
}

static long outer(u64 index, void *data)
{
	bpf_loop(2000, inner, NULL, 0);
	return 0;
}

s32 BPF_STRUCT_OPS(callbacks_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(callbacks_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(callbacks_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(callbacks_stopping, struct task_struct *p, bool runnable)
{
	bpf_loop(2000, outer, NULL, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(callbacks_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(callbacks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(callbacks_ops,
	       .select_cpu = (void *)callbacks_select_cpu,
	       .enqueue = (void *)callbacks_enqueue,
	       .dispatch = (void *)callbacks_dispatch,
	       .stopping = (void *)callbacks_stopping,
	       .init = (void *)callbacks_init,
	       .exit = (void *)callbacks_exit,
	       .timeout_ms = 30000,
	       .name = "callbacks");
