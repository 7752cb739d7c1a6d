/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * long-slices: first come first served with long slices in proportion to weight, for as few switches
 * as possible. Kernel threads and tasks that only ran briefly are next, but displace nobody.
 */
#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>

char _license[] SEC("license") = "GPL";

/* Slice of a task of weight 100 (nice 0), µs; others get theirs in proportion, as far as the limits reach. */
const volatile u64 slice_us = 200000;
/* Shortest and longest slice, µs. */
const volatile u64 slice_min_us = 4000;
const volatile u64 slice_max_us = 1000000;
/* Tasks that used less than this since they last slept are next, µs; 0: none are. */
const volatile u64 brief_us = 1000;
/* A task that has waited so long is next, ms. */
const volatile u64 age_limit_ms = 10000;

/* Ranks, most urgent first. */
#define KEY_PROMPT 1ULL
#define KEY_BATCH 2ULL

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 long_slices_key(const struct task_struct *p, const struct schedcp_task *t)
{
	if (p->flags & PF_KTHREAD)
		return KEY_PROMPT;
	return t && t->burst_ns < brief_us * NSEC_PER_USEC ? KEY_PROMPT : KEY_BATCH;
}

static u64 long_slices_slice(const struct task_struct *p)
{
	u64 slice = schedcp_slice_by_weight(slice_us * NSEC_PER_USEC, p->scx.weight,
					    slice_min_us * NSEC_PER_USEC, slice_max_us * NSEC_PER_USEC);

	return schedcp_slice(slice, schedcp_queue_length(), nr_cpus, age_limit_ms * NSEC_PER_MSEC / 2);
}

s32 BPF_STRUCT_OPS(long_slices_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct schedcp_task *t = schedcp_task(p);

		if (t)
			schedcp_task_starts(t, KEY_BATCH);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, long_slices_slice(p), 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(long_slices_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_queue_insert(p, t, long_slices_key(p, t), long_slices_slice(p), enq_flags);
	schedcp_kick_idle(p);
}

void BPF_STRUCT_OPS(long_slices_dispatch, s32 cpu, struct task_struct *prev)
{
	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, long_slices_slice(prev));
}

void BPF_STRUCT_OPS(long_slices_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_ran(p, t);
}

void BPF_STRUCT_OPS(long_slices_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_sleeps(t, deq_flags);
}

void BPF_STRUCT_OPS(long_slices_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_enable(p, t);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(long_slices_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(long_slices_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(long_slices_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(long_slices_ops,
	       .select_cpu = (void *)long_slices_select_cpu,
	       .enqueue = (void *)long_slices_enqueue,
	       .dispatch = (void *)long_slices_dispatch,
	       .stopping = (void *)long_slices_stopping,
	       .quiescent = (void *)long_slices_quiescent,
	       .enable = (void *)long_slices_enable,
	       .init_task = (void *)long_slices_init_task,
	       .init = (void *)long_slices_init,
	       .exit = (void *)long_slices_exit,
	       .timeout_ms = 30000,
	       .name = "long_slices");
