// expect: reject simulate simulate/starvation
// Serves control groups strictly by the age of the group: the youngest group starves while an older one is
// busy.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(cgroup_order_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(cgroup_order_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 id = p->cgroups->dfl_cgrp->kn->id;

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, id, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(cgroup_order_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_order_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(cgroup_order_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(cgroup_order_ops,
	       .select_cpu = (void *)cgroup_order_select_cpu,
	       .enqueue = (void *)cgroup_order_enqueue,
	       .dispatch = (void *)cgroup_order_dispatch,
	       .init = (void *)cgroup_order_init,
	       .exit = (void *)cgroup_order_exit,
	       .timeout_ms = 30000,
	       .name = "cgroup_order");
