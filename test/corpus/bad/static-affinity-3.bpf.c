// expect: reject static static/affinity
// Heavy tasks get CPU 0 to themselves.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(first_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(first_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight > 500) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 0, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(first_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(first_cpu_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(first_cpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(first_cpu_ops,
	       .select_cpu = (void *)first_cpu_select_cpu,
	       .enqueue = (void *)first_cpu_enqueue,
	       .dispatch = (void *)first_cpu_dispatch,
	       .init = (void *)first_cpu_init,
	       .exit = (void *)first_cpu_exit,
	       .timeout_ms = 30000,
	       .name = "first_cpu");
