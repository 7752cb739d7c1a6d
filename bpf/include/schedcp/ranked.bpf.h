/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A whole scheduler but for its order: one aged queue (schedcp/aged_queue.bpf.h) in which the earliest
 * key goes first and displaces later ones, with hints, names and brief tasks served as below.
 *
 * Contract. Included once, after the policy's knobs:
 *   const volatile u64 slice_us       how long a task runs before the next of its rank has its turn, µs
 *   const volatile u64 age_limit_ms   a task that has waited so long is next whatever its rank, ms
 *   const volatile u64 brief_us       unhinted tasks run at once until they have used so much since they
 *                                     last slept, µs; 0: none do
 * The policy then defines schedcp_rank_key(), which gives a task that is neither a kernel thread nor brief
 * a key from SCHEDCP_RANK_FIRST on, and ends with SCHEDCP_RANKED_OPS(name). A task whose key is below
 * SCHEDCP_RANK_REST displaces those that come after it; one of a key above that waits for its turn.
 */
#ifndef __SCHEDCP_RANKED_BPF_H
#define __SCHEDCP_RANKED_BPF_H

#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/comm.bpf.h>
#include <schedcp/hints.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>

/* Keys, most urgent first; 0 has a meaning of its own for schedcp/preempt.bpf.h. */
#define SCHEDCP_RANK_KERNEL 1ULL /* kernel threads: others wait for them */
#define SCHEDCP_RANK_BRIEF 2ULL
#define SCHEDCP_RANK_FIRST 3ULL
#define SCHEDCP_RANK_HINTED 4ULL /* + 0 to 2^32 - 1 */
#define SCHEDCP_RANK_REST (SCHEDCP_RANK_HINTED + (1ULL << 32))

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

/* The policy's order: earlier keys first. */
static u64 schedcp_rank_key(const struct task_struct *p, const struct schedcp_task *t);

static bool schedcp_rank_is_brief(const struct schedcp_task *t)
{
	return t && t->burst_ns < brief_us * NSEC_PER_USEC;
}

static u64 schedcp_rank_slice(u64 key)
{
	if (key == SCHEDCP_RANK_BRIEF)
		return brief_us * NSEC_PER_USEC;
	return schedcp_slice(slice_us * NSEC_PER_USEC, schedcp_queue_length(), nr_cpus,
			     age_limit_ms * NSEC_PER_MSEC / 2);
}

s32 BPF_STRUCT_OPS(ranked_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct schedcp_task *t = schedcp_task(p);
		u64 key = schedcp_rank_key(p, t);

		if (t)
			schedcp_task_starts(t, key);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, schedcp_rank_slice(key), 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(ranked_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	u64 key = schedcp_rank_key(p, t);

	schedcp_queue_insert(p, t, key, schedcp_rank_slice(key), enq_flags);
	if (!schedcp_kick_idle(p) && key < SCHEDCP_RANK_REST)
		schedcp_kick_later(p, key, 0);
}

void BPF_STRUCT_OPS(ranked_dispatch, s32 cpu, struct task_struct *prev)
{
	struct schedcp_task *t = prev ? schedcp_task(prev) : NULL;
	struct schedcp_queue_head head;
	u64 key;

	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	if (prev && t) {
		schedcp_task_ran(prev, t);
		key = schedcp_rank_key(prev, t);
		head = schedcp_queue_head(cpu);
		if (schedcp_queue_is_first(prev, key, &head)) {
			t->key = key;
			schedcp_running_key(cpu, key);
			schedcp_queue_keep(prev, schedcp_rank_slice(key));
			return;
		}
	}
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, schedcp_rank_slice(SCHEDCP_RANK_REST));
}

void BPF_STRUCT_OPS(ranked_running, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);
	bool protected = !t || schedcp_queue_is_aged(t, age_limit_ms * NSEC_PER_MSEC);

	schedcp_running_key(scx_bpf_task_cpu(p), protected ? 0 : t->key);
}

void BPF_STRUCT_OPS(ranked_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_running_key(scx_bpf_task_cpu(p), 0);
	if (t)
		schedcp_task_ran(p, t);
}

void BPF_STRUCT_OPS(ranked_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_sleeps(t, deq_flags);
}

void BPF_STRUCT_OPS(ranked_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_enable(p, t);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ranked_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ranked_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(ranked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

#define SCHEDCP_RANKED_OPS(policy)                              \
	SCX_OPS_DEFINE(policy##_ops,                            \
		       .select_cpu = (void *)ranked_select_cpu, \
		       .enqueue = (void *)ranked_enqueue,       \
		       .dispatch = (void *)ranked_dispatch,     \
		       .running = (void *)ranked_running,       \
		       .stopping = (void *)ranked_stopping,     \
		       .quiescent = (void *)ranked_quiescent,   \
		       .enable = (void *)ranked_enable,         \
		       .init_task = (void *)ranked_init_task,   \
		       .init = (void *)ranked_init,             \
		       .exit = (void *)ranked_exit,             \
		       .timeout_ms = 30000,                     \
		       .name = #policy)

#endif /* __SCHEDCP_RANKED_BPF_H */
