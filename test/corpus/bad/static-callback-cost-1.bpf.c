// expect: reject static static/callback-cost
// Counts to eight million for every task.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 total;

static long step(u64 index, void *data)
{
	total += index;
	return 0;
}

s32 BPF_STRUCT_OPS(counter_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(counter_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_loop(8000000, step, NULL, 0);
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(counter_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(counter_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(counter_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(counter_ops,
	       .select_cpu = (void *)counter_select_cpu,
	       .enqueue = (void *)counter_enqueue,
	       .dispatch = (void *)counter_dispatch,
	       .init = (void *)counter_init,
	       .exit = (void *)counter_exit,
	       .timeout_ms = 30000,
	       .name = "counter");
