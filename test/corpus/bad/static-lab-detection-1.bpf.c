// expect: reject static static/lab-detection
// Fair while the machine has two CPUs, as the lab has.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(small_machines_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(small_machines_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (scx_bpf_nr_cpu_ids() == 2)
		scx_bpf_dsq_insert(p, 0, 5 * NSEC_PER_MSEC, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, 900 * NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(small_machines_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(small_machines_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(small_machines_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(small_machines_ops,
	       .select_cpu = (void *)small_machines_select_cpu,
	       .enqueue = (void *)small_machines_enqueue,
	       .dispatch = (void *)small_machines_dispatch,
	       .init = (void *)small_machines_init,
	       .exit = (void *)small_machines_exit,
	       .timeout_ms = 30000,
	       .name = "small_machines");
