/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Weighted virtual time: CPU time divided by weight, 100 being the weight of nice 0.
 *
 * Charge what a task really ran (schedcp_task_ran()), never `slice_given - p->scx.slice`: the kernel
 * may have refilled the slice with its own 20 ms (it kept the task on, nobody else waited), so that
 * difference underflows and the task is put some 500 years into the future.
 */
#ifndef __SCHEDCP_VTIME_BPF_H
#define __SCHEDCP_VTIME_BPF_H

#include <scx/common.bpf.h>

/* What ran_ns of CPU time cost a task of this weight. */
static __always_inline u64 schedcp_vtime_charge(u64 ran_ns, u32 weight)
{
	return ran_ns * 100 / (weight ?: 1);
}

/*
 * vtime, held within [now - behind, now + ahead]. `behind` bounds the credit that a sleeper can save;
 * `ahead` forgives debt from times when CPUs were idle, which took nothing from anybody.
 */
static __always_inline u64 schedcp_vtime_clamp(u64 vtime, u64 now, u64 behind, u64 ahead)
{
	if (time_before(vtime, now - behind))
		return now - behind;
	if (time_after(vtime, now + ahead))
		return now + ahead;
	return vtime;
}

/*
 * The clock of virtual time: the vtime of the task furthest behind among all that run or wait. Newly
 * woken tasks are placed by it. It must count the running ones: the first in the queue alone may be a
 * light task far ahead, and a clock that leaps there puts every waking task behind all CPU hogs.
 *
 * Contract: schedcp_vtime_runs() in running, and in dispatch for a prev that is still runnable;
 * schedcp_vtime_stops() in stopping; schedcp_vtime_tick() in dispatch.
 */
#define SCHEDCP_VTIME_CPUS_MAX 1024
#define SCHEDCP_VTIME_TICK_NS (1 * NSEC_PER_MSEC)

struct schedcp_vtime_cpu {
	u64 vtime;
	bool runs;
};

struct schedcp_vtime_cpu schedcp_vtime_cpus[SCHEDCP_VTIME_CPUS_MAX];
u64 schedcp_vtime_clock;
u64 schedcp_vtime_ticked_at;

static __always_inline u64 schedcp_vtime_now(void)
{
	return READ_ONCE(schedcp_vtime_clock);
}

static __always_inline void schedcp_vtime_runs(s32 cpu, u64 vtime)
{
	struct schedcp_vtime_cpu *running = ARRAY_ELEM_PTR(schedcp_vtime_cpus, (u32)cpu, SCHEDCP_VTIME_CPUS_MAX);

	if (!running)
		return;
	WRITE_ONCE(running->vtime, vtime);
	WRITE_ONCE(running->runs, true);
}

static __always_inline void schedcp_vtime_stops(s32 cpu)
{
	struct schedcp_vtime_cpu *running = ARRAY_ELEM_PTR(schedcp_vtime_cpus, (u32)cpu, SCHEDCP_VTIME_CPUS_MAX);

	if (running)
		WRITE_ONCE(running->runs, false);
}

/*
 * Moves the clock forward, never back; at most once in SCHEDCP_VTIME_TICK_NS, because it looks at every
 * CPU. `first` is the vtime of the first that waits, where `any` does.
 */
static __always_inline void schedcp_vtime_tick(bool any, u64 first)
{
	u32 cpus = min(scx_bpf_nr_cpu_ids(), (u32)SCHEDCP_VTIME_CPUS_MAX);
	u64 now = scx_bpf_now();
	u64 earliest = first;
	u32 cpu;

	if (time_delta(now, READ_ONCE(schedcp_vtime_ticked_at)) < SCHEDCP_VTIME_TICK_NS)
		return;
	WRITE_ONCE(schedcp_vtime_ticked_at, now);
	bpf_for(cpu, 0, cpus) {
		struct schedcp_vtime_cpu *running =
			ARRAY_ELEM_PTR(schedcp_vtime_cpus, cpu, SCHEDCP_VTIME_CPUS_MAX);

		if (!running || !READ_ONCE(running->runs))
			continue;
		if (!any || time_before(running->vtime, earliest))
			earliest = running->vtime;
		any = true;
	}
	if (any && time_after(earliest, schedcp_vtime_now()))
		WRITE_ONCE(schedcp_vtime_clock, earliest);
}

#endif /* __SCHEDCP_VTIME_BPF_H */
