// expect: reject load load/map-refused
// An array of eight hundred million entries does not fit into memory.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 0x30000000);
	__type(key, u32);
	__type(value, u64);
} runs_of_pid SEC(".maps");

void BPF_STRUCT_OPS(huge_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	u64 *runs = bpf_map_lookup_elem(&runs_of_pid, &pid);

	if (runs)
		*runs += 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(huge_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(huge_ops,
	       .enqueue = (void *)huge_enqueue,
	       .exit = (void *)huge_exit,
	       .name = "huge");
