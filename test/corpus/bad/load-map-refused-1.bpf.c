// expect: reject load load/map-refused
// A hash map is declared without a size.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
} sizeless_tasks SEC(".maps");

void BPF_STRUCT_OPS(sizeless_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	u64 *seen = bpf_map_lookup_elem(&sizeless_tasks, &pid);

	if (seen)
		*seen += 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(sizeless_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(sizeless_ops,
	       .enqueue = (void *)sizeless_enqueue,
	       .exit = (void *)sizeless_exit,
	       .name = "sizeless");
