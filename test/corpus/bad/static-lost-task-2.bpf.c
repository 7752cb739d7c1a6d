// expect: reject static static/lost-task
// Each priority class has a case, but the last of them is forgotten.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(classes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(classes_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 weight = p->scx.weight;

	if (weight > 1000)
		scx_bpf_dsq_insert(p, 0, 4 * NSEC_PER_MSEC, enq_flags);
	else if (weight >= 100)
		scx_bpf_dsq_insert(p, 0, 8 * NSEC_PER_MSEC, enq_flags);
	else if (weight > 10)
		scx_bpf_dsq_insert(p, 0, 16 * NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(classes_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(classes_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(classes_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(classes_ops,
	       .select_cpu = (void *)classes_select_cpu,
	       .enqueue = (void *)classes_enqueue,
	       .dispatch = (void *)classes_dispatch,
	       .init = (void *)classes_init,
	       .exit = (void *)classes_exit,
	       .timeout_ms = 30000,
	       .name = "classes");
