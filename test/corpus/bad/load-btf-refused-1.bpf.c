// expect: reject load load/btf-refused
// An array of the source is so large that its type has no size.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 0xfffffff0);
	__type(key, u32);
	__type(value, u64);
} giant_table SEC(".maps");

void BPF_STRUCT_OPS(giant_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	u64 *seen = bpf_map_lookup_elem(&giant_table, &pid);

	if (seen)
		*seen += 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(giant_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(giant_ops,
	       .enqueue = (void *)giant_enqueue,
	       .exit = (void *)giant_exit,
	       .name = "giant");
