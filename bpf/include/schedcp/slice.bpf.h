/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Slices that stay bearable when many tasks wait.
 */
#ifndef __SCHEDCP_SLICE_BPF_H
#define __SCHEDCP_SLICE_BPF_H

#include <scx/common.bpf.h>

/* The kernel ends slices at ticks (1 to 4 ms), so less than this has no meaning. */
#define SCHEDCP_SLICE_MIN_NS (1 * NSEC_PER_MSEC)

/* CPUs that tasks can be put on. Call in init. */
static __always_inline u32 schedcp_count_cpus(void)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	u32 cpus = bpf_cpumask_weight(online);

	scx_bpf_put_cpumask(online);
	return cpus ?: 1;
}

/*
 * The slice for a task that queues behind `queued` others for `cpus` CPUs: slice_ns, or so much less
 * that a whole round of the queue takes about round_ns. Keeps a long slice times many tasks below
 * the kernel's watchdog (30 s). Never below SCHEDCP_SLICE_MIN_NS.
 */
static __always_inline u64 schedcp_slice(u64 slice_ns, u32 queued, u32 cpus, u64 round_ns)
{
	u64 share = round_ns * cpus / ((u64)queued + 1);

	return min(slice_ns, max(share, (u64)SCHEDCP_SLICE_MIN_NS));
}

/*
 * slice_ns scaled by weight (100 is nice 0), within [low_ns, high_ns]: in round-robin order this
 * gives CPU time in proportion to weight, as far as the limits reach.
 */
static __always_inline u64 schedcp_slice_by_weight(u64 slice_ns, u32 weight, u64 low_ns, u64 high_ns)
{
	u64 slice = slice_ns * weight / 100;

	return min(max(slice, low_ns), high_ns);
}

#endif /* __SCHEDCP_SLICE_BPF_H */
