// expect: pass
// A slice that follows the load, between bounds; SCX_SLICE_INF is only compared with.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(between_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(between_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 waiting = scx_bpf_dsq_nr_queued(0) + 1;
	u64 slice = 100 * NSEC_PER_MSEC / waiting;

	if (p->scx.slice == SCX_SLICE_INF)
		slice = SCX_SLICE_DFL;
	scx_bpf_dsq_insert(p, 0, clamp(slice, NSEC_PER_MSEC, 100 * NSEC_PER_MSEC), enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(between_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(between_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(between_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(between_ops,
	       .select_cpu = (void *)between_select_cpu,
	       .enqueue = (void *)between_enqueue,
	       .dispatch = (void *)between_dispatch,
	       .init = (void *)between_init,
	       .exit = (void *)between_exit,
	       .timeout_ms = 30000,
	       .name = "between");
