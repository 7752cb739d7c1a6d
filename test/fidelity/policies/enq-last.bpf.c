/* SPDX-License-Identifier: GPL-2.0-only */
/* The last runnable task of a CPU is enqueued with SCX_ENQ_LAST instead of being kept. */
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

s32 BPF_STRUCT_OPS(enq_last_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(enq_last_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_LAST) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, 1000000, enq_flags);
		/* The CPU would go idle with the task in its queue. */
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), 0);
		return;
	}
	scx_bpf_dsq_insert(p, QUEUE, 1000000, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(enq_last_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(enq_last_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(enq_last_ops,
	       .select_cpu = (void *)enq_last_select_cpu,
	       .enqueue = (void *)enq_last_enqueue,
	       .dispatch = (void *)enq_last_dispatch,
	       .init = (void *)enq_last_init,
	       .flags = SCX_OPS_ENQ_LAST,
	       .name = "enq_last");
