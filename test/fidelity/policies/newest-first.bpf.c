/* SPDX-License-Identifier: GPL-2.0-only */
/* Last come, first served, for the tasks of the scenario; the others go first. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
#define QUEUE 1

/* Wraps: the queue compares by difference. */
static u64 key = 1ULL << 40;

/* An idle CPU looks into the queue at once: how busy the CPUs are is then no matter of chance. */
static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(newest_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(newest_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, QUEUE, 5000000,
				 OURS(p) ? __sync_fetch_and_sub(&key, 1) : 0, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(newest_first_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(newest_first_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

SCX_OPS_DEFINE(newest_first_ops,
	       .select_cpu = (void *)newest_first_select_cpu,
	       .enqueue = (void *)newest_first_enqueue,
	       .dispatch = (void *)newest_first_dispatch,
	       .init = (void *)newest_first_init,
	       .name = "newest_first");
