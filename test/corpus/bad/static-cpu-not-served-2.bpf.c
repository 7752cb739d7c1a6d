// expect: reject static static/cpu-not-served
// Only even CPUs take tasks, to spare the second threads of cores.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(even_only_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(even_only_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(even_only_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu & 1)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(even_only_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(even_only_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(even_only_ops,
	       .select_cpu = (void *)even_only_select_cpu,
	       .enqueue = (void *)even_only_enqueue,
	       .dispatch = (void *)even_only_dispatch,
	       .init = (void *)even_only_init,
	       .exit = (void *)even_only_exit,
	       .timeout_ms = 30000,
	       .name = "even_only");
