/* SPDX-License-Identifier: GPL-2.0-only */
/* dispatch inserts more tasks than dispatch_max_batch. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* The scenario's tasks, once they have their own names. */
#define OURS(p) ((p)->comm[0] == 'f' && (p)->comm[1] == '-' && (p)->comm[2] != 'm')
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

s32 BPF_STRUCT_OPS(dispatch_overflow_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(dispatch_overflow_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (!OURS(p))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	else if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_error("the map is full");
}

void BPF_STRUCT_OPS(dispatch_overflow_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid;
	int i;

	bpf_for(i, 0, 4) {
		if (bpf_map_pop_elem(&waiting, &pid))
			return;
		p = bpf_task_from_pid(pid);
		if (!p)
			return;
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

SCX_OPS_DEFINE(dispatch_overflow_ops,
	       .select_cpu = (void *)dispatch_overflow_select_cpu,
	       .enqueue = (void *)dispatch_overflow_enqueue,
	       .dispatch = (void *)dispatch_overflow_dispatch,
	       .dispatch_max_batch = 1,
	       .name = "dispatch_overflow");
