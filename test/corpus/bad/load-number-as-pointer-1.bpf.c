// expect: reject load load/number-as-pointer
// A task pointer is kept in a map as a number and followed later.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} last_task SEC(".maps");

void BPF_STRUCT_OPS(remembered_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	u64 *slot = bpf_map_lookup_elem(&last_task, &zero);

	if (slot) {
		struct task_struct *last = (struct task_struct *)*slot;

		if (last && last->tgid == p->tgid)
			enq_flags |= SCX_ENQ_HEAD;
		*slot = (u64)p;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(remembered_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(remembered_ops,
	       .enqueue = (void *)remembered_enqueue,
	       .exit = (void *)remembered_exit,
	       .name = "remembered");
