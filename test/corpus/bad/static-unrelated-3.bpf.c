// expect: reject static static/unrelated
// Every third cgroup by its number waits longer in the order.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(third_cgroup_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(third_cgroup_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);
	u64 vtime = scx_bpf_now();

	if (cgrp->kn->id % 3 == 0)
		vtime += 400 * NSEC_PER_MSEC;
	bpf_cgroup_release(cgrp);
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(third_cgroup_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(third_cgroup_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(third_cgroup_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(third_cgroup_ops,
	       .select_cpu = (void *)third_cgroup_select_cpu,
	       .enqueue = (void *)third_cgroup_enqueue,
	       .dispatch = (void *)third_cgroup_dispatch,
	       .init = (void *)third_cgroup_init,
	       .exit = (void *)third_cgroup_exit,
	       .timeout_ms = 30000,
	       .name = "third_cgroup");
