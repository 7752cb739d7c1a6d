// expect: reject static static/cpu-not-served
// A constant mask names the CPUs that take part.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_THAT_WORK 0x55ULL

s32 BPF_STRUCT_OPS(masked_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(masked_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(masked_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!(CPUS_THAT_WORK & (1ULL << (cpu & 63))))
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(masked_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(masked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(masked_ops,
	       .select_cpu = (void *)masked_select_cpu,
	       .enqueue = (void *)masked_enqueue,
	       .dispatch = (void *)masked_dispatch,
	       .init = (void *)masked_init,
	       .exit = (void *)masked_exit,
	       .timeout_ms = 30000,
	       .name = "masked");
