/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * longest-first: jobs that need most CPU time go first and stay on, so that no CPU is left with a long
 * job alone when all else is done. The rest is served first come first served, with long slices.
 */
#include <scx/common.bpf.h>
#include <schedcp/comm.bpf.h>

char _license[] SEC("license") = "GPL";

/* How long a job runs before the next of its rank gets its turn, µs. */
const volatile u64 slice_us = 100000;
/* A task that has waited so long is next whatever its rank, ms. */
const volatile u64 age_limit_ms = 10000;
/* Unhinted tasks run at once until they have used so much since they last slept, µs; 0: none do. */
const volatile u64 brief_us = 2000;
/* An unhinted task that has used so much CPU time in its life is taken for a long one, ms; 0: none is. */
const volatile u64 attained_ms = 0;
/* Tasks whose name begins with one of these (comma-separated) are taken for the longest. */
const volatile char long_names[SCHEDCP_COMM_LIST_LEN] = "";

#include <schedcp/ranked.bpf.h>

/* Long jobs start, and go on after being displaced, without waiting for a slice to end. */
static u64 schedcp_rank_key(const struct task_struct *p, const struct schedcp_task *t)
{
	u32 hint_ms;

	if (p->flags & PF_KTHREAD)
		return SCHEDCP_RANK_KERNEL;
	if (schedcp_comm_listed(p, long_names))
		return SCHEDCP_RANK_FIRST;
	hint_ms = schedcp_hint_ms(p);
	if (hint_ms)
		/* By how much less it is than the longest hint that there can be. */
		return SCHEDCP_RANK_HINTED + (u32)~hint_ms;
	if (schedcp_rank_is_brief(t))
		return SCHEDCP_RANK_BRIEF;
	if (attained_ms && p->se.sum_exec_runtime > attained_ms * NSEC_PER_MSEC)
		return SCHEDCP_RANK_FIRST;
	return SCHEDCP_RANK_REST;
}

SCHEDCP_RANKED_OPS(longest_first);
