/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Getting a CPU for a task that was just queued: an idle one, or one that runs something less urgent.
 * Urgency is a key, as in schedcp/aged_queue.bpf.h: earlier is more urgent.
 */
#ifndef __SCHEDCP_PREEMPT_BPF_H
#define __SCHEDCP_PREEMPT_BPF_H

#include <scx/common.bpf.h>

#define SCHEDCP_PREEMPT_CPUS_MAX 1024

/* Key of what each CPU runs; 0: must not be preempted, or is none of ours. */
u64 schedcp_running_keys[SCHEDCP_PREEMPT_CPUS_MAX];

/* Call in running with its key, or with 0 to protect it for this turn; in stopping with 0. */
static __always_inline void schedcp_running_key(s32 cpu, u64 key)
{
	u64 *running = ARRAY_ELEM_PTR(schedcp_running_keys, (u32)cpu, SCHEDCP_PREEMPT_CPUS_MAX);

	if (running)
		WRITE_ONCE(*running, key);
}

/*
 * Wakes an idle CPU that p may use. For a queued task: closes the gap between "no CPU was idle" in
 * select_cpu and its arrival in the queue. False where none is idle.
 */
static __always_inline bool schedcp_kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu < 0)
		return false;
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	return true;
}

/*
 * Preempts the least urgent of the CPUs that p may use, if what runs there is less urgent than key by
 * more than margin; p's own CPU wins a tie. The caller has queued p where every CPU looks. The CPU is
 * marked with the new key, so that the next urgent task takes another one. Looks at every CPU.
 */
static __always_inline bool schedcp_kick_later(const struct task_struct *p, u64 key, u64 margin)
{
	u32 cpus = min(scx_bpf_nr_cpu_ids(), (u32)SCHEDCP_PREEMPT_CPUS_MAX);
	s32 own = scx_bpf_task_cpu(p);
	u64 latest = key + margin;
	s32 victim = -1;
	s32 cpu;

	bpf_for(cpu, 0, cpus) {
		u64 *running = ARRAY_ELEM_PTR(schedcp_running_keys, (u32)cpu, SCHEDCP_PREEMPT_CPUS_MAX);
		u64 running_key = running ? READ_ONCE(*running) : 0;

		if (!running_key || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		if (time_after(running_key, latest) || (cpu == own && victim >= 0 && running_key == latest)) {
			latest = running_key;
			victim = cpu;
		}
	}
	if (victim < 0)
		return false;
	schedcp_running_key(victim, key ?: 1);
	scx_bpf_kick_cpu(victim, SCX_KICK_PREEMPT);
	return true;
}

#endif /* __SCHEDCP_PREEMPT_BPF_H */
