/* SPDX-License-Identifier: GPL-2.0-only */
/* update_idle without SCX_OPS_KEEP_BUILTIN_IDLE: the policy keeps the idle CPUs itself. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 1
static u8 idle[64];

void BPF_STRUCT_OPS(own_idle_update_idle, s32 cpu, bool is_idle)
{
	idle[cpu & 63] = is_idle;
}

s32 BPF_STRUCT_OPS(own_idle_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	int cpu;

	bpf_for(cpu, 0, 2) {
		if (idle[cpu & 63] && bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			idle[cpu & 63] = 0;
			scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
			return cpu;
		}
	}
	return prev_cpu;
}

void BPF_STRUCT_OPS(own_idle_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(own_idle_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(own_idle_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(own_idle_ops,
	       .select_cpu = (void *)own_idle_select_cpu,
	       .enqueue = (void *)own_idle_enqueue,
	       .dispatch = (void *)own_idle_dispatch,
	       .update_idle = (void *)own_idle_update_idle,
	       .init = (void *)own_idle_init,
	       .name = "own_idle");
