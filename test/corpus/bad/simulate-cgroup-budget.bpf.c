// expect: reject simulate simulate/starvation
// Each control group has a budget that is refilled only when one of its tasks stops: once empty it stays so
// while others run.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, s64);
} budgets SEC(".maps");

static s64 *budget_of(const struct task_struct *p)
{
	u64 id = p->cgroups->dfl_cgrp->kn->id;
	s64 full = 500 * NSEC_PER_MSEC;
	s64 *budget = bpf_map_lookup_elem(&budgets, &id);

	if (!budget) {
		bpf_map_update_elem(&budgets, &id, &full, BPF_NOEXIST);
		budget = bpf_map_lookup_elem(&budgets, &id);
	}
	return budget;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(cgroup_budget_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(cgroup_budget_enqueue, struct task_struct *p, u64 enq_flags)
{
	s64 *budget = budget_of(p);

	scx_bpf_dsq_insert(p, budget && *budget <= 0 ? 1 : 0, 4 * NSEC_PER_MSEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(cgroup_budget_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

void BPF_STRUCT_OPS(cgroup_budget_stopping, struct task_struct *p, bool runnable)
{
	s64 *budget = budget_of(p);

	if (!budget)
		return;
	*budget -= 4 * NSEC_PER_MSEC - min(p->scx.slice, 4 * NSEC_PER_MSEC);
	if (!runnable)
		*budget = 500 * NSEC_PER_MSEC;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_budget_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 2) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(cgroup_budget_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(cgroup_budget_ops,
	       .select_cpu = (void *)cgroup_budget_select_cpu,
	       .enqueue = (void *)cgroup_budget_enqueue,
	       .dispatch = (void *)cgroup_budget_dispatch,
	       .stopping = (void *)cgroup_budget_stopping,
	       .init = (void *)cgroup_budget_init,
	       .exit = (void *)cgroup_budget_exit,
	       .timeout_ms = 30000,
	       .name = "cgroup_budget");
