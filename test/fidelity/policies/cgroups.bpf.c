/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroup ops, for tasks that stay where they are. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1

/* An idle CPU looks into the queue at once: how busy the CPUs are is then no matter of chance. */
static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(cgroups_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(cgroups_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(cgroups_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroups_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	return 0;
}

void BPF_STRUCT_OPS_SLEEPABLE(cgroups_cgroup_exit, struct cgroup *cgrp)
{
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroups_cgroup_prep_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	return 0;
}

void BPF_STRUCT_OPS(cgroups_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroups_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(cgroups_ops,
	       .select_cpu = (void *)cgroups_select_cpu,
	       .enqueue = (void *)cgroups_enqueue,
	       .dispatch = (void *)cgroups_dispatch,
	       .cgroup_init = (void *)cgroups_cgroup_init,
	       .cgroup_exit = (void *)cgroups_cgroup_exit,
	       .cgroup_prep_move = (void *)cgroups_cgroup_prep_move,
	       .cgroup_move = (void *)cgroups_cgroup_move,
	       .init = (void *)cgroups_init,
	       .name = "cgroups");
