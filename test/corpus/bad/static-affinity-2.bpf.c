// expect: reject static static/affinity
// The CPU follows from the pid.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(by_pid_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_pid_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 cpus = scx_bpf_nr_cpu_ids();
	s32 cpu = (u32)p->pid % cpus;

	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(by_pid_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_pid_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(by_pid_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_pid_ops,
	       .select_cpu = (void *)by_pid_select_cpu,
	       .enqueue = (void *)by_pid_enqueue,
	       .dispatch = (void *)by_pid_dispatch,
	       .init = (void *)by_pid_init,
	       .exit = (void *)by_pid_exit,
	       .timeout_ms = 30000,
	       .name = "by_pid");
