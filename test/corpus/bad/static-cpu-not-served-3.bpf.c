// expect: reject static static/cpu-not-served
// Made for four CPUs: those from the fifth on get nothing.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS 4

s32 BPF_STRUCT_OPS(four_cpus_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(four_cpus_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(four_cpus_dispatch, s32 cpu, struct task_struct *prev)
{
	if (cpu >= CPUS)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(four_cpus_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(four_cpus_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(four_cpus_ops,
	       .select_cpu = (void *)four_cpus_select_cpu,
	       .enqueue = (void *)four_cpus_enqueue,
	       .dispatch = (void *)four_cpus_dispatch,
	       .init = (void *)four_cpus_init,
	       .exit = (void *)four_cpus_exit,
	       .timeout_ms = 30000,
	       .name = "four_cpus");
