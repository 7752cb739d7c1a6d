// expect: reject simulate simulate/lost-task
// Restricted tasks that are put back without a wake-up, as after a change of affinity, are forgotten.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(affinity_change_dropped_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(affinity_change_dropped_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->nr_cpus_allowed < scx_bpf_nr_cpu_ids() && !(enq_flags & (SCX_ENQ_WAKEUP | SCX_ENQ_LAST)))
		return;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(affinity_change_dropped_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(affinity_change_dropped_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(affinity_change_dropped_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(affinity_change_dropped_ops,
	       .select_cpu = (void *)affinity_change_dropped_select_cpu,
	       .enqueue = (void *)affinity_change_dropped_enqueue,
	       .dispatch = (void *)affinity_change_dropped_dispatch,
	       .init = (void *)affinity_change_dropped_init,
	       .exit = (void *)affinity_change_dropped_exit,
	       .timeout_ms = 30000,
	       .name = "affinity_change_dropped");
