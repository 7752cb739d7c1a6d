// expect: reject static static/fork-error
// Cgroups with other weights than the default are refused.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(plain_cgroups_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(plain_cgroups_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(plain_cgroups_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(plain_cgroups_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	if (args->weight != 100)
		return -ENOSPC;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(plain_cgroups_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(plain_cgroups_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(plain_cgroups_ops,
	       .select_cpu = (void *)plain_cgroups_select_cpu,
	       .enqueue = (void *)plain_cgroups_enqueue,
	       .dispatch = (void *)plain_cgroups_dispatch,
	       .cgroup_init = (void *)plain_cgroups_cgroup_init,
	       .init = (void *)plain_cgroups_init,
	       .exit = (void *)plain_cgroups_exit,
	       .timeout_ms = 30000,
	       .name = "plain_cgroups");
