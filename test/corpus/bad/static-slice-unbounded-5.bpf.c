// expect: reject static static/slice-unbounded
// The slice is a variable that init sets to the largest number.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 slice_ns;

s32 BPF_STRUCT_OPS(variable_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(variable_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, slice_ns, enq_flags);
}

void BPF_STRUCT_OPS(variable_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(variable_init)
{
	slice_ns = scx_bpf_nr_cpu_ids() > 1 ? SCX_SLICE_INF : SCX_SLICE_DFL;
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(variable_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(variable_ops,
	       .select_cpu = (void *)variable_select_cpu,
	       .enqueue = (void *)variable_enqueue,
	       .dispatch = (void *)variable_dispatch,
	       .init = (void *)variable_init,
	       .exit = (void *)variable_exit,
	       .timeout_ms = 30000,
	       .name = "variable");
