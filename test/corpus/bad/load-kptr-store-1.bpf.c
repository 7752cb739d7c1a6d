// expect: reject load load/kptr-store
// A pointer is stored into a __kptr field by plain assignment.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct kept_task {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept_task);
} slots SEC(".maps");

void BPF_STRUCT_OPS(kept_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	struct kept_task *slot = bpf_map_lookup_elem(&slots, &zero);

	if (slot)
		slot->task = p;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(kept_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(kept_ops,
	       .enqueue = (void *)kept_enqueue,
	       .exit = (void *)kept_exit,
	       .name = "kept");
