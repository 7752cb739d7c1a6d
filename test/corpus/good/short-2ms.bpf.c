// expect: pass
// First come first served with slices of 2 ms.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(short_2ms_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, 2 * NSEC_PER_MSEC, 0);
	return cpu;
}

void BPF_STRUCT_OPS(short_2ms_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, 2 * NSEC_PER_MSEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(short_2ms_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(short_2ms_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(short_2ms_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(short_2ms_ops,
	       .select_cpu = (void *)short_2ms_select_cpu,
	       .enqueue = (void *)short_2ms_enqueue,
	       .dispatch = (void *)short_2ms_dispatch,
	       .init = (void *)short_2ms_init,
	       .exit = (void *)short_2ms_exit,
	       .timeout_ms = 30000,
	       .name = "short_2ms");
