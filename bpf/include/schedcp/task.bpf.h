/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the primitives remember of a task, and its CPU time by the kernel's own account.
 */
#ifndef __SCHEDCP_TASK_BPF_H
#define __SCHEDCP_TASK_BPF_H

#include <scx/common.bpf.h>

struct schedcp_task {
	u64 accounted_ns; /* se.sum_exec_runtime up to which schedcp_task_ran() has told */
	u64 burst_ns;	  /* CPU time since it last slept */
	u64 burst_mean_ns; /* of past bursts; the newest counts half */
	u64 waiting_since; /* see schedcp_task_waits() */
	u64 ran_since_ns; /* CPU time since waiting_since */
	u64 vtime;	  /* for policies that use virtual time */
	u64 key;	  /* order in which it queues or runs: earlier first */
};

TASK_STORAGE(schedcp_tasks, struct schedcp_task);

/* NULL only for a task that came without init_task: then treat it as one that nothing is known of. */
static __always_inline struct schedcp_task *schedcp_task(struct task_struct *p)
{
	return task_storage_get(schedcp_tasks, p);
}

/* Call in init_task and return its result. It can fail only where the kernel is out of memory. */
static __always_inline s32 schedcp_task_init(struct task_struct *p)
{
	struct schedcp_task *t = task_storage_create(schedcp_tasks, p);

	if (!t)
		return -ENOMEM;
	t->accounted_ns = p->se.sum_exec_runtime;
	return 0;
}

/* Call in enable: time that it spent under another scheduling class is not charged. */
static __always_inline void schedcp_task_enable(struct task_struct *p, struct schedcp_task *t)
{
	t->accounted_ns = p->se.sum_exec_runtime;
	t->burst_ns = 0;
}

/* CPU time in ns since the last call for this task. Call in stopping, and in dispatch for prev. */
static __always_inline u64 schedcp_task_ran(const struct task_struct *p, struct schedcp_task *t)
{
	u64 total = p->se.sum_exec_runtime;
	u64 ran = time_delta(total, t->accounted_ns);

	t->accounted_ns = total;
	t->burst_ns += ran;
	t->ran_since_ns += ran;
	return ran;
}

/* Call in quiescent. A burst ends only with sleep, not with a change of affinity or priority. */
static __always_inline void schedcp_task_sleeps(struct schedcp_task *t, u64 deq_flags)
{
	if (!(deq_flags & SCX_DEQ_SLEEP))
		return;
	t->burst_mean_ns = (t->burst_mean_ns + t->burst_ns) / 2;
	t->burst_ns = 0;
}

/* A task that was pushed off the CPU before it ran this long has not had its turn. */
#define SCHEDCP_TURN_NS (1 * NSEC_PER_MSEC)

/*
 * Call when it is queued: starts its waiting clock, unless it has hardly run since the clock started
 * and did not sleep (it was preempted again and again: that is waiting, too).
 */
static __always_inline void schedcp_task_waits(struct schedcp_task *t, u64 enq_flags)
{
	if (t->waiting_since && !(enq_flags & SCX_ENQ_WAKEUP) && t->ran_since_ns < SCHEDCP_TURN_NS)
		return;
	t->waiting_since = scx_bpf_now();
	t->ran_since_ns = 0;
}

/* Call when it is put on an idle CPU at once: it runs by this key and has not waited. */
static __always_inline void schedcp_task_starts(struct schedcp_task *t, u64 key)
{
	t->key = key;
	t->waiting_since = scx_bpf_now();
	t->ran_since_ns = 0;
}

#endif /* __SCHEDCP_TASK_BPF_H */
