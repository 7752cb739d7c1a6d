/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * llc-steal: a first-come-first-served queue for each group of CPUs that share a last-level cache.
 * A CPU takes from its own group's queue, and from another one when its own is empty or when somebody
 * has waited much longer there.
 */
#include <scx/common.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>
#include <schedcp/task.bpf.h>

char _license[] SEC("license") = "GPL";

/* Slice of a task, µs. */
const volatile u64 slice_us = 10000;
/* A task that has waited this much longer in another queue than anyone here is taken from there, ms. */
const volatile u64 steal_after_ms = 50;
/* CPUs per group, numbered consecutively; 0: the kernel's own knowledge of shared caches. */
const volatile u32 cpus_per_llc = 0;

#define LLC_STEAL_CPUS_MAX 1024
/* Groups, and so queues; CPUs of further ones share the last. */
#define LLC_STEAL_LLCS_MAX 64
#define LLC_STEAL_ROUND_NS (5 * NSEC_PER_SEC)

/* Per CPU: id of its last-level cache's group. In the kernel's BTF since 6.x; absent: one group. */
extern const int sd_llc_id __ksym __weak;

static u32 nr_cpus = 1;
static u32 nr_llcs = 1;
/* CPU → group, and the kernel's id of each group. */
static u32 llc_of_cpu[LLC_STEAL_CPUS_MAX];
static s32 llc_ids[LLC_STEAL_LLCS_MAX];

UEI_DEFINE(uei);

static u32 llc_steal_llc(s32 cpu)
{
	u32 *llc = ARRAY_ELEM_PTR(llc_of_cpu, (u32)cpu, LLC_STEAL_CPUS_MAX);

	return llc ? min(*llc, (u32)LLC_STEAL_LLCS_MAX - 1) : 0;
}

static u64 llc_steal_slice(u32 llc)
{
	return schedcp_slice(slice_us * NSEC_PER_USEC, scx_bpf_dsq_nr_queued(llc), max(nr_cpus / nr_llcs, 1U),
			     LLC_STEAL_ROUND_NS);
}

s32 BPF_STRUCT_OPS(llc_steal_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, llc_steal_slice(llc_steal_llc(cpu)), 0);
	return cpu;
}

void BPF_STRUCT_OPS(llc_steal_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct schedcp_task *t = schedcp_task(p);
	u32 llc = llc_steal_llc(scx_bpf_task_cpu(p));

	if (t)
		schedcp_task_waits(t, enq_flags);
	scx_bpf_dsq_insert(p, llc, llc_steal_slice(llc), enq_flags);
	schedcp_kick_idle(p);
}

/* How long the first in a queue has waited, ns; 0 where nobody waits. */
static u64 llc_steal_waited(u32 llc, u64 now)
{
	struct bpf_iter_scx_dsq it;
	struct schedcp_task *t;
	struct task_struct *p;
	u64 waited = 0;

	if (!bpf_iter_scx_dsq_new(&it, llc, 0)) {
		p = bpf_iter_scx_dsq_next(&it);
		if (p) {
			t = schedcp_task(p);
			waited = t ? time_delta(now, t->waiting_since) : 0;
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	return waited;
}

/*
 * The queue to take from first: this CPU's own, unless the first in another has waited longer than the
 * first here by the margin. Keeps groups with different loads fair, and a group whose CPUs are
 * all busy with real-time tasks served.
 */
static u32 llc_steal_choose(u32 own)
{
	u64 now = scx_bpf_now();
	u64 longest = llc_steal_waited(own, now) + steal_after_ms * NSEC_PER_MSEC;
	u32 chosen = own;
	u32 llc;

	bpf_for(llc, 0, min(nr_llcs, (u32)LLC_STEAL_LLCS_MAX)) {
		u64 waited = llc == own ? 0 : llc_steal_waited(llc, now);

		if (waited > longest) {
			longest = waited;
			chosen = llc;
		}
	}
	return chosen;
}

void BPF_STRUCT_OPS(llc_steal_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 own = llc_steal_llc(cpu);
	u32 chosen = nr_llcs > 1 ? llc_steal_choose(own) : own;
	u32 i;

	if (scx_bpf_dsq_move_to_local(chosen) || (chosen != own && scx_bpf_dsq_move_to_local(own)))
		return;
	/* Nothing for this CPU there: from its next neighbour on, so that thieves spread. */
	bpf_for(i, 1, min(nr_llcs, (u32)LLC_STEAL_LLCS_MAX)) {
		if (scx_bpf_dsq_move_to_local((own + i) % nr_llcs))
			return;
	}
}

void BPF_STRUCT_OPS(llc_steal_stopping, struct task_struct *p, bool runnable)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_ran(p, t);
}

void BPF_STRUCT_OPS(llc_steal_enable, struct task_struct *p)
{
	struct schedcp_task *t = schedcp_task(p);

	if (t)
		schedcp_task_enable(p, t);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(llc_steal_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return schedcp_task_init(p);
}

/* What tells groups apart: CPUs with the same id are in one. */
static s32 llc_steal_id(s32 cpu)
{
	const int *id;

	if (cpus_per_llc)
		return cpu / cpus_per_llc;
	if (!bpf_ksym_exists(&sd_llc_id))
		return 0;
	id = bpf_per_cpu_ptr(&sd_llc_id, cpu);
	return id ? *id : 0;
}

/* Number of the group with this id, a new one where it is the first CPU of its group. */
static u32 llc_steal_number(s32 id, u32 known)
{
	u32 i;

	bpf_for(i, 0, min(known, (u32)LLC_STEAL_LLCS_MAX)) {
		s32 *seen = ARRAY_ELEM_PTR(llc_ids, i, LLC_STEAL_LLCS_MAX);

		if (seen && *seen == id)
			return i;
	}
	return min(known, (u32)LLC_STEAL_LLCS_MAX - 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(llc_steal_init)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	u32 known = 0;
	s32 error = 0;
	s32 cpu;

	nr_cpus = bpf_cpumask_weight(online) ?: 1;
	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)LLC_STEAL_CPUS_MAX)) {
		u32 *slot = ARRAY_ELEM_PTR(llc_of_cpu, (u32)cpu, LLC_STEAL_CPUS_MAX);
		s32 id, *seen;
		u32 llc;

		if (!slot || !bpf_cpumask_test_cpu(cpu, online))
			continue;
		id = llc_steal_id(cpu);
		llc = llc_steal_number(id, known);
		seen = ARRAY_ELEM_PTR(llc_ids, llc, LLC_STEAL_LLCS_MAX);
		if (seen && llc == known) {
			*seen = id;
			known++;
		}
		*slot = llc;
	}
	scx_bpf_put_cpumask(online);

	nr_llcs = known ?: 1;
	bpf_for(cpu, 0, min(nr_llcs, (u32)LLC_STEAL_LLCS_MAX)) {
		error = scx_bpf_create_dsq(cpu, -1);
		if (error)
			break;
	}
	return error;
}

void BPF_STRUCT_OPS(llc_steal_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(llc_steal_ops,
	       .select_cpu = (void *)llc_steal_select_cpu,
	       .enqueue = (void *)llc_steal_enqueue,
	       .dispatch = (void *)llc_steal_dispatch,
	       .stopping = (void *)llc_steal_stopping,
	       .enable = (void *)llc_steal_enable,
	       .init_task = (void *)llc_steal_init_task,
	       .init = (void *)llc_steal_init,
	       .exit = (void *)llc_steal_exit,
	       .timeout_ms = 30000,
	       .name = "llc_steal");
