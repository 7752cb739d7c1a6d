/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interactive-first: a virtual deadline for every task, early for those that run in short bursts
 * between sleeps. Deadlines are laid on top of weighted virtual time, so CPU time stays fair.
 */
#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>
#include <schedcp/vtime.bpf.h>

char _license[] SEC("license") = "GPL";

/* How long a task may run before the next deadline is looked at, µs. */
const volatile u64 slice_us = 4000;
/* A task whose bursts are longer counts as one that never sleeps, µs. */
const volatile u64 burst_max_us = 8000;
/* Virtual time that a task with the shortest bursts may save up while it sleeps, µs. */
const volatile u64 sleep_credit_us = 20000;
/* A waking task displaces one whose deadline is later than its own by more than this, µs. */
const volatile u64 preempt_margin_us = 4000;
/* A task that has waited so long is next whatever its deadline, ms. */
const volatile u64 age_limit_ms = 5000;

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 interactive_first_slice(void)
{
	return schedcp_slice(slice_us * NSEC_PER_USEC, schedcp_queue_length(), nr_cpus,
			     age_limit_ms * NSEC_PER_MSEC / 2);
}

/* How long it will probably run: as its past bursts, or this one if that is already longer. */
static u64 interactive_first_burst(const struct schedcp_task *t)
{
	return min(max(t->burst_mean_ns, t->burst_ns), burst_max_us * NSEC_PER_USEC);
}

/* Not by weight: that is in the virtual time. 0 has a meaning of its own for schedcp/preempt.bpf.h. */
static u64 interactive_first_deadline(const struct schedcp_task *t)
{
	return t->vtime + interactive_first_burst(t) ?: 1;
}

/* Credit for sleep, the more the shorter its bursts; none for one that never sleeps. */
static u64 interactive_first_credit(const struct schedcp_task *t)
{
	u64 burst_max = burst_max_us * NSEC_PER_USEC ?: 1;

	return sleep_credit_us * NSEC_PER_USEC * (burst_max - min(interactive_first_burst(t), burst_max)) / burst_max;
}

/* Holds its virtual time within bounds and sets its deadline. */
static u64 interactive_first_place(const struct task_struct *p, struct schedcp_task *t, bool woken)
{
	u64 behind = woken ? interactive_first_credit(t) : NSEC_PER_SEC * 3600;
	/*
	 * At least the latest deadline: else a heavy task, whose debt is forgiven beyond this, would stay
	 * before one that waits with long bursts, and hold the clock still.
	 */
	u64 ahead = burst_max_us * NSEC_PER_USEC +
		    schedcp_vtime_charge(4 * slice_us * NSEC_PER_USEC, p->scx.weight);

	t->vtime = schedcp_vtime_clamp(t->vtime, schedcp_vtime_now(), behind, ahead);
	return interactive_first_deadline(t);
}

static void interactive_first_account(const struct task_struct *p, struct schedcp_task *t)
{
	t->vtime += schedcp_vtime_charge(schedcp_task_ran(p, t), p->scx.weight);
}

s32 BPF_STRUCT_OPS(interactive_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		struct schedcp_task *t = schedcp_task(p);

		if (t)
			schedcp_task_starts(t, interactive_first_place(p, t, true));
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, interactive_first_slice(), 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(interactive_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	bool woken = enq_flags & SCX_ENQ_WAKEUP;
	u64 key = t ? interactive_first_place(p, t, woken) : 0;

	schedcp_queue_insert(p, t, key, interactive_first_slice(), enq_flags);
	if (!schedcp_kick_idle(p) && t && woken)
		schedcp_kick_later(p, key, preempt_margin_us * NSEC_PER_USEC);
}

void BPF_STRUCT_OPS(interactive_first_dispatch, s32 cpu, struct task_struct *prev)
{
	struct schedcp_task *t = prev ? schedcp_task(prev) : NULL;
	struct schedcp_queue_head head;
	bool runnable = prev && t && (prev->scx.flags & SCX_TASK_QUEUED);

	if (runnable) {
		interactive_first_account(prev, t);
		schedcp_vtime_runs(cpu, t->vtime);
	}
	head = schedcp_queue_head(cpu);
	schedcp_vtime_tick(head.any, head.first_vtime);
	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	if (runnable) {
		u64 key = interactive_first_deadline(t);

		if (schedcp_queue_is_first(prev, key, &head)) {
			t->key = key;
			schedcp_running_key(cpu, key);
			schedcp_queue_keep(prev, interactive_first_slice());
			return;
		}
	}
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, interactive_first_slice());
}

void BPF_STRUCT_OPS(interactive_first_running, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);
	bool protected = !t || schedcp_queue_is_aged(t, age_limit_ms * NSEC_PER_MSEC);

	schedcp_running_key(scx_bpf_task_cpu(p), protected ? 0 : t->key);
	if (t)
		schedcp_vtime_runs(scx_bpf_task_cpu(p), t->vtime);
}

void BPF_STRUCT_OPS(interactive_first_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_running_key(scx_bpf_task_cpu(p), 0);
	schedcp_vtime_stops(scx_bpf_task_cpu(p));
	if (t)
		interactive_first_account(p, t);
}

void BPF_STRUCT_OPS(interactive_first_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_sleeps(t, deq_flags);
}

void BPF_STRUCT_OPS(interactive_first_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (!t)
		return;
	schedcp_task_enable(p, t);
	t->vtime = schedcp_vtime_now();
	/* New tasks earn their place by sleeping: otherwise forking would buy early deadlines. */
	t->burst_mean_ns = burst_max_us * NSEC_PER_USEC;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_first_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_first_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(interactive_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(interactive_first_ops,
	       .select_cpu = (void *)interactive_first_select_cpu,
	       .enqueue = (void *)interactive_first_enqueue,
	       .dispatch = (void *)interactive_first_dispatch,
	       .running = (void *)interactive_first_running,
	       .stopping = (void *)interactive_first_stopping,
	       .quiescent = (void *)interactive_first_quiescent,
	       .enable = (void *)interactive_first_enable,
	       .init_task = (void *)interactive_first_init_task,
	       .init = (void *)interactive_first_init,
	       .exit = (void *)interactive_first_exit,
	       .timeout_ms = 30000,
	       .name = "interactive_first");
