// expect: reject static static/slice-unbounded
// An idle CPU is given away for good in select_cpu.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(given_away_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		u64 slice = p->flags & PF_KTHREAD ? SCX_SLICE_DFL : SCX_SLICE_INF;

		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice, 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(given_away_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(given_away_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(given_away_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(given_away_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(given_away_ops,
	       .select_cpu = (void *)given_away_select_cpu,
	       .enqueue = (void *)given_away_enqueue,
	       .dispatch = (void *)given_away_dispatch,
	       .init = (void *)given_away_init,
	       .exit = (void *)given_away_exit,
	       .timeout_ms = 30000,
	       .name = "given_away");
