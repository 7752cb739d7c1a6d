// expect: reject static static/lost-task
// Only tasks of four kinds are known; the rest was left for later.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(four_kinds_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(four_kinds_enqueue, struct task_struct *p, u64 enq_flags)
{
	switch (p->policy) {
	case 0:
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
		break;
	case 3:
	case 5:
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL * 2, enq_flags);
		break;
	case 7:
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL / 2, enq_flags);
		break;
	}
}

void BPF_STRUCT_OPS(four_kinds_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(four_kinds_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(four_kinds_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(four_kinds_ops,
	       .select_cpu = (void *)four_kinds_select_cpu,
	       .enqueue = (void *)four_kinds_enqueue,
	       .dispatch = (void *)four_kinds_dispatch,
	       .init = (void *)four_kinds_init,
	       .exit = (void *)four_kinds_exit,
	       .timeout_ms = 30000,
	       .name = "four_kinds");
