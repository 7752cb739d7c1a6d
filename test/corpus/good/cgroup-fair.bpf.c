// expect: pass
// Control groups take turns by virtual time; within a group first come first served.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u64);
} group_vtimes SEC(".maps");
static u64 vtime_now;

static u64 *group_vtime(const struct task_struct *p)
{
	u64 id = p->cgroups->dfl_cgrp->kn->id;
	u64 now = vtime_now;
	u64 *vtime = bpf_map_lookup_elem(&group_vtimes, &id);

	if (!vtime) {
		bpf_map_update_elem(&group_vtimes, &id, &now, BPF_NOEXIST);
		vtime = bpf_map_lookup_elem(&group_vtimes, &id);
	}
	return vtime;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(cgroup_fair_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(cgroup_fair_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 *vtime = group_vtime(p);

	if (vtime && time_before(*vtime, vtime_now - SCX_SLICE_DFL))
		*vtime = vtime_now - SCX_SLICE_DFL;
	/* Everybody who arrives moves its group's clock on, so that nobody waits for ever. */
	if (vtime)
		__sync_fetch_and_add(vtime, NSEC_PER_MSEC);
	scx_bpf_dsq_insert_vtime(p, 0, 5 * NSEC_PER_MSEC, vtime ? *vtime : vtime_now, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(cgroup_fair_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(cgroup_fair_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(cgroup_fair_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(cgroup_fair_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(cgroup_fair_ops,
	       .select_cpu = (void *)cgroup_fair_select_cpu,
	       .enqueue = (void *)cgroup_fair_enqueue,
	       .dispatch = (void *)cgroup_fair_dispatch,
	       .running = (void *)cgroup_fair_running,
	       .init = (void *)cgroup_fair_init,
	       .exit = (void *)cgroup_fair_exit,
	       .timeout_ms = 30000,
	       .name = "cgroup_fair");
