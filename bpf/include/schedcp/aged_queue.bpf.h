/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One queue for all CPUs, ordered by a key (earlier first, FIFO among equal keys), that starves nobody.
 *
 * Strict order starves: whoever keeps getting earlier keys keeps everybody else waiting. So tasks that
 * have waited age_limit_ns are moved, oldest concern first come first served, to a second queue, and
 * every CPU takes every other turn from that one while it isn't empty. A task waits at most about
 * age_limit_ns × 9/8, and then for the aged ones before it.
 *
 * Contract: schedcp_queue_init() in init; schedcp_queue_insert() in enqueue; in dispatch
 * schedcp_queue_aged(), then optionally schedcp_queue_head() to decide on prev, then
 * schedcp_queue_next(). Uses schedcp/task.bpf.h; DSQ ids 0 and 1 are taken.
 */
#ifndef __SCHEDCP_AGED_QUEUE_BPF_H
#define __SCHEDCP_AGED_QUEUE_BPF_H

#include <scx/common.bpf.h>
#include <schedcp/task.bpf.h>

#define SCHEDCP_QUEUE 0ULL
#define SCHEDCP_QUEUE_AGED 1ULL
/* Tasks looked at in one search for aged ones, from the end of the queue where they gather. */
#define SCHEDCP_QUEUE_SEARCH_MAX 4096
/* Tasks at the front that schedcp_queue_head() looks at for one that may use this CPU. */
#define SCHEDCP_QUEUE_FRONT_MAX 16
#define SCHEDCP_QUEUE_CPUS_MAX 1024

u64 schedcp_queue_search_at;
/* Whether a CPU took its last turn from the aged queue. */
bool schedcp_queue_took_aged[SCHEDCP_QUEUE_CPUS_MAX];

static __always_inline s32 schedcp_queue_init(void)
{
	s32 error = scx_bpf_create_dsq(SCHEDCP_QUEUE, -1);

	return error ?: scx_bpf_create_dsq(SCHEDCP_QUEUE_AGED, -1);
}

static __always_inline u32 schedcp_queue_length(void)
{
	return scx_bpf_dsq_nr_queued(SCHEDCP_QUEUE);
}

/* Queues p by key. A task without state goes to the aged queue: nothing is known, so it must not wait. */
static __always_inline void schedcp_queue_insert(struct task_struct *p, struct schedcp_task *t, u64 key,
						 u64 slice_ns, u64 enq_flags)
{
	if (!t) {
		scx_bpf_dsq_insert(p, SCHEDCP_QUEUE_AGED, slice_ns, enq_flags);
		return;
	}
	schedcp_task_waits(t, enq_flags);
	t->key = key;
	scx_bpf_dsq_insert_vtime(p, SCHEDCP_QUEUE, slice_ns, key, enq_flags);
}

/* Whether t has waited so long that it runs by age; its turn must then not be cut short. */
static __always_inline bool schedcp_queue_is_aged(const struct schedcp_task *t, u64 age_limit_ns)
{
	return time_delta(scx_bpf_now(), t->waiting_since) >= age_limit_ns;
}

/* Moves what has waited age_limit_ns to the aged queue; looks 8 times in that time, on one CPU. */
static __always_inline void schedcp_queue_search(u64 age_limit_ns)
{
	u64 now = scx_bpf_now();
	u64 due = READ_ONCE(schedcp_queue_search_at);
	struct bpf_iter_scx_dsq it;
	struct schedcp_task *t;
	struct task_struct *p;
	int i;

	if (time_before(now, due) || !schedcp_queue_length())
		return;
	if (__sync_val_compare_and_swap(&schedcp_queue_search_at, due, now + age_limit_ns / 8) != due)
		return;
	if (!bpf_iter_scx_dsq_new(&it, SCHEDCP_QUEUE, SCX_DSQ_ITER_REV)) {
		bpf_for(i, 0, SCHEDCP_QUEUE_SEARCH_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			t = schedcp_task(p);
			if (t && time_delta(now, t->waiting_since) >= age_limit_ns)
				scx_bpf_dsq_move(&it, p, SCHEDCP_QUEUE_AGED, 0);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
}

/* First in dispatch. True where an aged task was put on this CPU: nothing more to do. */
static __always_inline bool schedcp_queue_aged(s32 cpu, u64 age_limit_ns)
{
	bool *took = ARRAY_ELEM_PTR(schedcp_queue_took_aged, (u32)cpu, SCHEDCP_QUEUE_CPUS_MAX);

	schedcp_queue_search(age_limit_ns);
	if (took && *took) {
		*took = false;
		return false;
	}
	if (!scx_bpf_dsq_move_to_local(SCHEDCP_QUEUE_AGED))
		return false;
	if (took)
		*took = true;
	return true;
}

struct schedcp_queue_head {
	bool any;	 /* somebody waits */
	bool usable;	 /* … who may use this CPU */
	u64 first_vtime; /* schedcp_task.vtime of the first in the queue, where any */
	u64 key;	 /* of the first who may use this CPU */
};

/* Looks at the front of the queue for this CPU. */
static __always_inline struct schedcp_queue_head schedcp_queue_head(s32 cpu)
{
	struct schedcp_queue_head head = {};
	struct bpf_iter_scx_dsq it;
	struct schedcp_task *t;
	struct task_struct *p;
	int i;

	if (!bpf_iter_scx_dsq_new(&it, SCHEDCP_QUEUE, 0)) {
		bpf_for(i, 0, SCHEDCP_QUEUE_FRONT_MAX) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			if (!head.any) {
				t = schedcp_task(p);
				head.first_vtime = t ? t->vtime : 0;
				head.any = true;
			}
			if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
				head.key = p->scx.dsq_vtime;
				head.usable = true;
				break;
			}
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	return head;
}

/* Whether prev, just at the end of its slice, is still runnable and still before all that wait. */
static __always_inline bool schedcp_queue_is_first(const struct task_struct *prev, u64 key,
						   const struct schedcp_queue_head *head)
{
	if (!prev || !(prev->scx.flags & SCX_TASK_QUEUED))
		return false;
	return !head->any || (head->usable && time_before(key, head->key));
}

/* Lets prev go on for another slice, if it can: for when nothing else was put on this CPU. */
static __always_inline void schedcp_queue_keep(struct task_struct *prev, u64 slice_ns)
{
	if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
		scx_bpf_task_set_slice(prev, slice_ns);
}

/* Last in dispatch: the next by key, or else an aged one. */
static __always_inline bool schedcp_queue_next(void)
{
	return scx_bpf_dsq_move_to_local(SCHEDCP_QUEUE) || scx_bpf_dsq_move_to_local(SCHEDCP_QUEUE_AGED);
}

#endif /* __SCHEDCP_AGED_QUEUE_BPF_H */
