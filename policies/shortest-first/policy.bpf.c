/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shortest-first: jobs that need least CPU time go first, so that most jobs end early. A newly come
 * short job displaces a longer one that runs.
 */
#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/comm.bpf.h>
#include <schedcp/hints.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>

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

/* Ranks, most urgent first; key 0 has a meaning of its own for schedcp/preempt.bpf.h. */
#define KEY_KERNEL 1ULL /* kernel threads: others wait for them */
#define KEY_BRIEF 2ULL
#define KEY_SHORTEST 3ULL /* by name or by estimate */
#define KEY_HINTED 4ULL	  /* + the hint */
#define KEY_LONG (KEY_HINTED + (1ULL << 32))

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 shortest_first_key(const struct task_struct *p, const struct schedcp_task *t)
{
	u32 hint_ms;

	if (p->flags & PF_KTHREAD)
		return KEY_KERNEL;
	if (schedcp_comm_listed(p, short_names))
		return KEY_SHORTEST;
	hint_ms = schedcp_hint_ms(p);
	if (hint_ms)
		return KEY_HINTED + hint_ms;
	if (t && t->burst_ns < brief_us * NSEC_PER_USEC)
		return KEY_BRIEF;
	if (attained_ms && p->se.sum_exec_runtime > attained_ms * NSEC_PER_MSEC)
		return KEY_LONG;
	return KEY_SHORTEST;
}

static u64 shortest_first_slice(u64 key)
{
	if (key == KEY_BRIEF)
		return brief_us * NSEC_PER_USEC;
	return schedcp_slice(slice_us * NSEC_PER_USEC, schedcp_queue_length(), nr_cpus,
			     age_limit_ms * NSEC_PER_MSEC / 2);
}

s32 BPF_STRUCT_OPS(shortest_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct schedcp_task *t = schedcp_task(p);
		u64 key = shortest_first_key(p, t);

		if (t)
			schedcp_task_starts(t, key);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, shortest_first_slice(key), 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(shortest_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	u64 key = shortest_first_key(p, t);

	schedcp_queue_insert(p, t, key, shortest_first_slice(key), enq_flags);
	/* A short job does not wait for the slice of a longer one to end. */
	if (!schedcp_kick_idle(p) && key < KEY_LONG)
		schedcp_kick_later(p, key, 0);
}

void BPF_STRUCT_OPS(shortest_first_dispatch, s32 cpu, struct task_struct *prev)
{
	struct schedcp_task *t = prev ? schedcp_task(prev) : NULL;
	struct schedcp_queue_head head;
	u64 key;

	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	if (prev && t) {
		schedcp_task_ran(prev, t);
		key = shortest_first_key(prev, t);
		head = schedcp_queue_head(cpu);
		if (schedcp_queue_is_first(prev, key, &head)) {
			t->key = key;
			schedcp_running_key(cpu, key);
			schedcp_queue_keep(prev, shortest_first_slice(key));
			return;
		}
	}
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, shortest_first_slice(KEY_LONG));
}

void BPF_STRUCT_OPS(shortest_first_running, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);
	bool protected = !t || schedcp_queue_is_aged(t, age_limit_ms * NSEC_PER_MSEC);

	schedcp_running_key(scx_bpf_task_cpu(p), protected ? 0 : t->key);
}

void BPF_STRUCT_OPS(shortest_first_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_running_key(scx_bpf_task_cpu(p), 0);
	if (t)
		schedcp_task_ran(p, t);
}

void BPF_STRUCT_OPS(shortest_first_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_sleeps(t, deq_flags);
}

void BPF_STRUCT_OPS(shortest_first_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_enable(p, t);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shortest_first_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shortest_first_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(shortest_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shortest_first_ops,
	       .select_cpu = (void *)shortest_first_select_cpu,
	       .enqueue = (void *)shortest_first_enqueue,
	       .dispatch = (void *)shortest_first_dispatch,
	       .running = (void *)shortest_first_running,
	       .stopping = (void *)shortest_first_stopping,
	       .quiescent = (void *)shortest_first_quiescent,
	       .enable = (void *)shortest_first_enable,
	       .init_task = (void *)shortest_first_init_task,
	       .init = (void *)shortest_first_init,
	       .exit = (void *)shortest_first_exit,
	       .timeout_ms = 30000,
	       .name = "shortest_first");
