// expect: reject static static/fork-error
// Tasks of deep cgroups have no entry in a table of six, and can't be forked.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 6);
	__type(key, u32);
	__type(value, u64);
} levels SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(deep_cgroups_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(deep_cgroups_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(deep_cgroups_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(deep_cgroups_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	u32 level = cgrp->level;
	u64 *count = bpf_map_lookup_elem(&levels, &level);

	if (!count)
		return -ENOENT;
	(*count)++;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(deep_cgroups_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(deep_cgroups_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(deep_cgroups_ops,
	       .select_cpu = (void *)deep_cgroups_select_cpu,
	       .enqueue = (void *)deep_cgroups_enqueue,
	       .dispatch = (void *)deep_cgroups_dispatch,
	       .cgroup_init = (void *)deep_cgroups_cgroup_init,
	       .init = (void *)deep_cgroups_init,
	       .exit = (void *)deep_cgroups_exit,
	       .timeout_ms = 30000,
	       .name = "deep_cgroups");
