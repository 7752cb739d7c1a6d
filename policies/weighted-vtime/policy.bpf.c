/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * weighted-vtime: CPU time in proportion to weight. The task that has had least for its weight is next.
 */
#include <scx/common.bpf.h>
#include <schedcp/aged_queue.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>
#include <schedcp/vtime.bpf.h>

char _license[] SEC("license") = "GPL";

/* Slice of a task of weight 100 (nice 0) or more, µs; lighter tasks get shorter ones. */
const volatile u64 slice_us = 8000;
/* Shortest slice, however light the task or long the queue, µs. */
const volatile u64 slice_min_us = 1000;
/* A task that has waited so long is next whatever its weight, ms. */
const volatile u64 age_limit_ms = 10000;

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 weighted_vtime_slice(const struct task_struct *p)
{
	u64 full = slice_us * NSEC_PER_USEC;
	u64 slice = schedcp_slice_by_weight(full, p->scx.weight, slice_min_us * NSEC_PER_USEC, full);

	return schedcp_slice(slice, schedcp_queue_length(), nr_cpus, age_limit_ms * NSEC_PER_MSEC / 2);
}

static void weighted_vtime_account(const struct task_struct *p, struct schedcp_task *t)
{
	t->vtime += schedcp_vtime_charge(schedcp_task_ran(p, t), p->scx.weight);
}

s32 BPF_STRUCT_OPS(weighted_vtime_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, weighted_vtime_slice(p), 0);
	return cpu;
}

void BPF_STRUCT_OPS(weighted_vtime_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	u64 full = slice_us * NSEC_PER_USEC;

	if (t) {
		/* Only sleep forfeits credit: who is kept waiting by affinity may catch up. */
		u64 behind = (enq_flags & SCX_ENQ_WAKEUP) ? full : NSEC_PER_SEC * 3600;

		t->vtime = schedcp_vtime_clamp(t->vtime, schedcp_vtime_now(), behind,
					       schedcp_vtime_charge(2 * full, p->scx.weight));
	}
	schedcp_queue_insert(p, t, t ? t->vtime : 0, weighted_vtime_slice(p), enq_flags);
	schedcp_kick_idle(p);
}

void BPF_STRUCT_OPS(weighted_vtime_dispatch, s32 cpu, struct task_struct *prev)
{
	struct schedcp_task *t = prev ? schedcp_task(prev) : NULL;
	struct schedcp_queue_head head;
	bool runnable = prev && t && (prev->scx.flags & SCX_TASK_QUEUED);

	if (runnable) {
		weighted_vtime_account(prev, t);
		schedcp_vtime_runs(cpu, t->vtime);
	}
	head = schedcp_queue_head(cpu);
	schedcp_vtime_tick(head.any, head.first_vtime);
	if (schedcp_queue_aged(cpu, age_limit_ms * NSEC_PER_MSEC))
		return;
	/*
	 * prev is not in the queue, so the first there may be ahead of it in virtual time: without this,
	 * two tasks on one CPU would alternate whatever their weights.
	 */
	if (runnable && schedcp_queue_is_first(prev, t->vtime, &head)) {
		schedcp_queue_keep(prev, weighted_vtime_slice(prev));
		return;
	}
	if (!schedcp_queue_next() && prev)
		schedcp_queue_keep(prev, weighted_vtime_slice(prev));
}

void BPF_STRUCT_OPS(weighted_vtime_running, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_vtime_runs(scx_bpf_task_cpu(p), t->vtime);
}

void BPF_STRUCT_OPS(weighted_vtime_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	schedcp_vtime_stops(scx_bpf_task_cpu(p));
	if (t)
		weighted_vtime_account(p, t);
}

void BPF_STRUCT_OPS(weighted_vtime_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (!t)
		return;
	schedcp_task_enable(p, t);
	t->vtime = schedcp_vtime_now();
}

s32 BPF_STRUCT_OPS_SLEEPABLE(weighted_vtime_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(weighted_vtime_init)
{
	nr_cpus = schedcp_count_cpus();
	return schedcp_queue_init();
}

void BPF_STRUCT_OPS(weighted_vtime_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(weighted_vtime_ops,
	       .select_cpu = (void *)weighted_vtime_select_cpu,
	       .enqueue = (void *)weighted_vtime_enqueue,
	       .dispatch = (void *)weighted_vtime_dispatch,
	       .running = (void *)weighted_vtime_running,
	       .stopping = (void *)weighted_vtime_stopping,
	       .enable = (void *)weighted_vtime_enable,
	       .init_task = (void *)weighted_vtime_init_task,
	       .init = (void *)weighted_vtime_init,
	       .exit = (void *)weighted_vtime_exit,
	       .timeout_ms = 30000,
	       .name = "weighted_vtime");
