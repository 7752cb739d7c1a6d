/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * longest-first: jobs that need most CPU time go first and stay on, so that no CPU is left with a long
 * job alone when all else is done. The rest is served first come first served, with long slices.
 */
#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/comm.bpf.h>
#include <schedcp/hints.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>

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

/* Ranks, most urgent first; key 0 has a meaning of its own for schedcp/preempt.bpf.h. */
#define KEY_KERNEL 1ULL /* kernel threads: others wait for them */
#define KEY_BRIEF 2ULL
#define KEY_LONGEST 3ULL /* by name or by estimate */
#define KEY_HINTED 4ULL	 /* + how much less than the longest hint that there can be */
#define KEY_REST (KEY_HINTED + (1ULL << 32))

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 longest_first_key(const struct task_struct *p, const struct schedcp_task *t)
{
	u32 hint_ms;

	if (p->flags & PF_KTHREAD)
		return KEY_KERNEL;
	if (schedcp_comm_listed(p, long_names))
		return KEY_LONGEST;
	hint_ms = schedcp_hint_ms(p);
	if (hint_ms)
		return KEY_HINTED + (u32)~hint_ms;
	if (t && t->burst_ns < brief_us * NSEC_PER_USEC)
		return KEY_BRIEF;
	if (attained_ms && p->se.sum_exec_runtime > attained_ms * NSEC_PER_MSEC)
		return KEY_LONGEST;
	return KEY_REST;
}

static u64 longest_first_slice(u64 key)
{
	if (key == KEY_BRIEF)
		return brief_us * NSEC_PER_USEC;
	return schedcp_slice(slice_us * NSEC_PER_USEC, schedcp_queue_length(), nr_cpus,
			     age_limit_ms * NSEC_PER_MSEC / 2);
}

s32 BPF_STRUCT_OPS(longest_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct schedcp_task *t = schedcp_task(p);
		u64 key = longest_first_key(p, t);

		if (t)
			schedcp_task_starts(t, key);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, longest_first_slice(key), 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(longest_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	u64 key = longest_first_key(p, t);

	schedcp_queue_insert(p, t, key, longest_first_slice(key), enq_flags);
	/* Long jobs start, and go on after being displaced, without waiting for a slice to end. */
	if (!schedcp_kick_idle(p) && key < KEY_REST)
		schedcp_kick_later(p, key, 0);
}

void BPF_STRUCT_OPS(longest_first_dispatch, s32 cpu, struct task_struct *prev)
{
	struct schedcp_task *t = prev ? schedcp_task(prev) : NULL;
	struct schedcp_queue_head head;
	u64 key;

	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	if (prev && t) {
		schedcp_task_ran(prev, t);
		key = longest_first_key(prev, t);
		head = schedcp_queue_head(cpu);
		if (schedcp_queue_is_first(prev, key, &head)) {
			t->key = key;
			schedcp_running_key(cpu, key);
			schedcp_queue_keep(prev, longest_first_slice(key));
			return;
		}
	}
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, longest_first_slice(KEY_REST));
}

void BPF_STRUCT_OPS(longest_first_running, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);
	bool protected = !t || schedcp_queue_is_aged(t, age_limit_ms * NSEC_PER_MSEC);

	schedcp_running_key(scx_bpf_task_cpu(p), protected ? 0 : t->key);
}

void BPF_STRUCT_OPS(longest_first_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_running_key(scx_bpf_task_cpu(p), 0);
	if (t)
		schedcp_task_ran(p, t);
}

void BPF_STRUCT_OPS(longest_first_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_sleeps(t, deq_flags);
}

void BPF_STRUCT_OPS(longest_first_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_enable(p, t);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(longest_first_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(longest_first_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(longest_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(longest_first_ops,
	       .select_cpu = (void *)longest_first_select_cpu,
	       .enqueue = (void *)longest_first_enqueue,
	       .dispatch = (void *)longest_first_dispatch,
	       .running = (void *)longest_first_running,
	       .stopping = (void *)longest_first_stopping,
	       .quiescent = (void *)longest_first_quiescent,
	       .enable = (void *)longest_first_enable,
	       .init_task = (void *)longest_first_init_task,
	       .init = (void *)longest_first_init,
	       .exit = (void *)longest_first_exit,
	       .timeout_ms = 30000,
	       .name = "longest_first");
