/* SPDX-License-Identifier: GPL-2.0-only */
/* The tasks lie in a map of the policy, not in a queue of the kernel; dispatch inserts them. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

/* An idle CPU looks into the queue at once: how busy the CPUs are is then no matter of chance. */
static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(queue_map_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(queue_map_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_error("the map is full");
	kick_idle(p);
}

void BPF_STRUCT_OPS(queue_map_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid;

	if (bpf_map_pop_elem(&waiting, &pid))
		return;
	p = bpf_task_from_pid(pid);
	if (!p)
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}

SCX_OPS_DEFINE(queue_map_ops,
	       .select_cpu = (void *)queue_map_select_cpu,
	       .enqueue = (void *)queue_map_enqueue,
	       .dispatch = (void *)queue_map_dispatch,
	       .name = "queue_map");
