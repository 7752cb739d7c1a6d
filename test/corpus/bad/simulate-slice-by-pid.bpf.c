// expect: reject simulate simulate/unfairness
// Slices depend on the pid: every tenth task gets ten times the share of its equals.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 slice_of(const struct task_struct *p)
{
	return ((u32)p->pid % 10 == 0 ? 40 : 4) * NSEC_PER_MSEC;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(slice_by_pid_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_of(p), 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_by_pid_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, slice_of(p), enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(slice_by_pid_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(slice_by_pid_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(slice_by_pid_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(slice_by_pid_ops,
	       .select_cpu = (void *)slice_by_pid_select_cpu,
	       .enqueue = (void *)slice_by_pid_enqueue,
	       .dispatch = (void *)slice_by_pid_dispatch,
	       .init = (void *)slice_by_pid_init,
	       .exit = (void *)slice_by_pid_exit,
	       .timeout_ms = 30000,
	       .name = "slice_by_pid");
