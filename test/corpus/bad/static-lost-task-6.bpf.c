// expect: reject static static/lost-task
// One task in a thousand is dropped at random, in a function of its own.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static __noinline void place(struct task_struct *p, u64 enq_flags)
{
	if (bpf_get_prandom_u32() % 1000 == 0)
		return;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS(unlucky_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(unlucky_enqueue, struct task_struct *p, u64 enq_flags)
{
	place(p, enq_flags);
}

void BPF_STRUCT_OPS(unlucky_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(unlucky_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(unlucky_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(unlucky_ops,
	       .select_cpu = (void *)unlucky_select_cpu,
	       .enqueue = (void *)unlucky_enqueue,
	       .dispatch = (void *)unlucky_dispatch,
	       .init = (void *)unlucky_init,
	       .exit = (void *)unlucky_exit,
	       .timeout_ms = 30000,
	       .name = "unlucky");
