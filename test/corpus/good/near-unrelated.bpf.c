// expect: pass
// How old a task is, and how long ago it last ran, matter; when it was born does not.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(ages_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ages_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 now = bpf_ktime_get_ns();
	u64 age = now - p->start_time;
	u64 slice = SCX_SLICE_DFL;

	if (age < 50 * NSEC_PER_MSEC)
		slice = 5 * NSEC_PER_MSEC;
	else if (p->se.sum_exec_runtime * 4 > age)
		slice = SCX_SLICE_DFL / 2;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(ages_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ages_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(ages_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ages_ops,
	       .select_cpu = (void *)ages_select_cpu,
	       .enqueue = (void *)ages_enqueue,
	       .dispatch = (void *)ages_dispatch,
	       .init = (void *)ages_init,
	       .exit = (void *)ages_exit,
	       .timeout_ms = 30000,
	       .name = "ages");
