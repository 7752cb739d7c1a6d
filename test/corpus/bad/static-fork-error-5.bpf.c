// expect: reject static static/fork-error
// Moves between cgroups are refused while the queue is long.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(busy_cgroups_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(busy_cgroups_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(busy_cgroups_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(busy_cgroups_cgroup_prep_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	if (scx_bpf_dsq_nr_queued(0) > 100)
		return -EBUSY;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(busy_cgroups_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(busy_cgroups_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(busy_cgroups_ops,
	       .select_cpu = (void *)busy_cgroups_select_cpu,
	       .enqueue = (void *)busy_cgroups_enqueue,
	       .dispatch = (void *)busy_cgroups_dispatch,
	       .cgroup_prep_move = (void *)busy_cgroups_cgroup_prep_move,
	       .init = (void *)busy_cgroups_init,
	       .exit = (void *)busy_cgroups_exit,
	       .timeout_ms = 30000,
	       .name = "busy_cgroups");
