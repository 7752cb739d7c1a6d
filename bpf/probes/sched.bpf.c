// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in probe of a traced run: for tasks in the cgroups of the workload's entries, how long
 * they waited on run queues, and who ran where. Attached by native/probe.c. It only watches; it
 * works the same under the kernel's default scheduler and under a sched_ext one, since both pass the
 * same tracepoints.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sched-probe.h"

/* Needed for bpf_ktime_get_ns() and the tracepoints' BTF. */
char LICENSE[] SEC("license") = "GPL";

/* Threads of the workload that can wait at one time; what does not fit is not counted. */
#define WAITING_MAX 16384
#define STATE_RUNNING 0

/* Leaf cgroup id → number of the entry. Filled before the tracepoints are attached. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PROBE_ENTRIES_MAX);
	__type(key, u64);
	__type(value, u32);
} entries SEC(".maps");

/* Thread id → since when it is runnable without running. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WAITING_MAX);
	__type(key, u32);
	__type(value, u64);
} waiting SEC(".maps");

struct on_cpu {
	u64 start_ns;
	u32 pid; /* 0: nobody of the workload */
	u32 entry;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct on_cpu);
} running SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PROBE_ENTRIES_MAX * PROBE_BUCKETS);
	__type(key, u32);
	__type(value, u64);
} waits SEC(".maps");

/* The loader sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct probe_segment);
} segments SEC(".maps");

/* All segments ever, those that did not fit too. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} segments_seen SEC(".maps");

/* The entry that a task belongs to, or NULL. */
static u32 *entry_of(struct task_struct *task)
{
	u64 id = task->cgroups->dfl_cgrp->kn->id;

	return bpf_map_lookup_elem(&entries, &id);
}

static void count_wait(u32 entry, u64 wait_ns)
{
	u64 us = wait_ns / 1000, *count;
	u32 bucket = 0, at;

	bpf_for(bucket, 0, PROBE_BUCKETS - 1)
		if ((us >> bucket) <= 1)
			break;
	at = entry * PROBE_BUCKETS + bucket;
	count = bpf_map_lookup_elem(&waits, &at);
	if (count)
		__sync_fetch_and_add(count, 1);
}

static void add_segment(const struct on_cpu *slot, u64 now)
{
	u32 zero = 0, at;
	u64 *seen = bpf_map_lookup_elem(&segments_seen, &zero);
	struct probe_segment *segment;

	if (!seen)
		return;
	at = __sync_fetch_and_add(seen, 1);
	segment = bpf_map_lookup_elem(&segments, &at);
	if (!segment)
		return;
	segment->start_ns = slot->start_ns;
	segment->end_ns = now;
	segment->cpu = bpf_get_smp_processor_id();
	segment->entry = slot->entry;
	segment->pid = slot->pid;
}

static void woken(struct task_struct *task)
{
	u64 now = bpf_ktime_get_ns();
	u32 pid = task->pid;

	/*
	 * One that was preempted on its way to sleep is woken while it waits already: its wait has
	 * begun before.
	 */
	if (entry_of(task))
		bpf_map_update_elem(&waiting, &pid, &now, BPF_NOEXIST);
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(probe_wakeup, struct task_struct *task)
{
	woken(task);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(probe_wakeup_new, struct task_struct *task)
{
	woken(task);
	return 0;
}

static void leave_cpu(struct on_cpu *slot, struct task_struct *task, bool runnable, u64 now)
{
	u32 pid = task->pid;

	if (slot->pid) {
		add_segment(slot, now);
		slot->pid = 0;
	}
	if (!entry_of(task))
		return;
	/* One that sleeps may have been marked by a wake-up that came before it was off its CPU. */
	if (runnable)
		bpf_map_update_elem(&waiting, &pid, &now, BPF_ANY);
	else
		bpf_map_delete_elem(&waiting, &pid);
}

static void enter_cpu(struct on_cpu *slot, struct task_struct *task, u64 now)
{
	u32 *entry = entry_of(task), pid = task->pid;
	u64 *since;

	if (!entry)
		return;
	slot->start_ns = now;
	slot->pid = pid;
	slot->entry = *entry;
	since = bpf_map_lookup_elem(&waiting, &pid);
	if (!since)
		return;
	if (now > *since)
		count_wait(*entry, now - *since);
	else
		count_wait(*entry, 0);
	bpf_map_delete_elem(&waiting, &pid);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(probe_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	u64 now = bpf_ktime_get_ns();
	u32 zero = 0;
	struct on_cpu *slot = bpf_map_lookup_elem(&running, &zero);

	if (!slot)
		return 0;
	leave_cpu(slot, prev, preempt || prev_state == STATE_RUNNING, now);
	enter_cpu(slot, next, now);
	return 0;
}
