/* SPDX-License-Identifier: GPL-2.0-only */
/* dispatch takes the newest task that is in the queue, by walking it backwards. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

/* An idle CPU looks into the queue at once: how busy the CPUs are is then no matter of chance. */
static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(iterate_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(iterate_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(iterate_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, QUEUE, SCX_DSQ_ITER_REV) {
		if (!OURS(p))
			continue;
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr) &&
		    scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL, 0))
			return;
	}
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(iterate_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(iterate_ops,
	       .select_cpu = (void *)iterate_select_cpu,
	       .enqueue = (void *)iterate_enqueue,
	       .dispatch = (void *)iterate_dispatch,
	       .init = (void *)iterate_init,
	       .name = "iterate");
