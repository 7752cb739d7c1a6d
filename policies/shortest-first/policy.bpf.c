/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shortest-first: jobs that need least CPU time go first, so that most jobs end early. A newly come
 * short job displaces a longer one that runs.
 */
#include <scx/common.bpf.h>
#include <schedcp/comm.bpf.h>

char _license[] SEC("license") = "GPL";

/* How long a job runs before the next of its rank gets its turn, µs. */
const volatile u64 slice_us = 50000;
/* A task that has waited so long is next whatever its rank, ms. */
const volatile u64 age_limit_ms = 5000;
/* Unhinted tasks run at once until they have used so much since they last slept, µs; 0: none do. */
const volatile u64 brief_us = 2000;
/* An unhinted task that has used so much CPU time in its life is taken for a long one, ms; 0: none is. */
const volatile u64 attained_ms = 200;
/* Tasks whose name begins with one of these (comma-separated) are taken for the shortest. */
const volatile char short_names[SCHEDCP_COMM_LIST_LEN] = "";

#include <schedcp/ranked.bpf.h>

/* A short job does not wait for the slice of a longer one to end. */
static u64 schedcp_rank_key(const struct task_struct *p, const struct schedcp_task *t)
{
	u32 hint_ms;

	if (p->flags & PF_KTHREAD)
		return SCHEDCP_RANK_KERNEL;
	if (schedcp_comm_listed(p, short_names))
		return SCHEDCP_RANK_FIRST;
	hint_ms = schedcp_hint_ms(p);
	if (hint_ms)
		return SCHEDCP_RANK_HINTED + hint_ms;
	if (schedcp_rank_is_brief(t))
		return SCHEDCP_RANK_BRIEF;
	if (attained_ms && p->se.sum_exec_runtime > attained_ms * NSEC_PER_MSEC)
		return SCHEDCP_RANK_REST;
	return SCHEDCP_RANK_FIRST;
}

SCHEDCP_RANKED_OPS(shortest_first);
