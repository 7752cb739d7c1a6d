// expect: reject admission admission/call
// Sends a signal to tasks that ran for too long.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(enforcer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(enforcer_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(enforcer_stopping, struct task_struct *p, bool runnable)
{
	if (p->se.sum_exec_runtime > 60ULL * NSEC_PER_SEC)
		bpf_send_signal(9);
}

void BPF_STRUCT_OPS(enforcer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(enforcer_ops,
	       .select_cpu = (void *)enforcer_select_cpu,
	       .enqueue = (void *)enforcer_enqueue,
	       .stopping = (void *)enforcer_stopping,
	       .exit = (void *)enforcer_exit,
	       .name = "enforcer");
