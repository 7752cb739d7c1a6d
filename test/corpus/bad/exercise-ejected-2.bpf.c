// expect: reject exercise exercise/ejected
// Takes a cgroup's weight for a percentage: who sets cpu.weight to 1000, which the kernel allows, ends
// the scheduler for the whole machine.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 0

UEI_DEFINE(uei);

static u32 shares_sum;

s32 BPF_STRUCT_OPS(groupweight_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(groupweight_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(groupweight_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(groupweight_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(groupweight_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	if (weight > 100) {
		scx_bpf_error("cgroup weight %u is no percentage", weight);
		return;
	}
	__sync_fetch_and_add(&shares_sum, weight);
}

void BPF_STRUCT_OPS(groupweight_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(groupweight_ops,
	       .select_cpu = (void *)groupweight_select_cpu,
	       .enqueue = (void *)groupweight_enqueue,
	       .dispatch = (void *)groupweight_dispatch,
	       .cgroup_set_weight = (void *)groupweight_cgroup_set_weight,
	       .init = (void *)groupweight_init,
	       .exit = (void *)groupweight_exit,
	       .timeout_ms = 30000,
	       .name = "groupweight");
