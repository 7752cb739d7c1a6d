// expect: reject load load/unchecked-lookup
// The result of a map lookup is used without a check for NULL.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_stat {
	u64 runs;
	u64 last_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct task_stat);
} stats SEC(".maps");

void BPF_STRUCT_OPS(counting_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	struct task_stat *stat = bpf_map_lookup_elem(&stats, &pid);

	stat->runs += 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(counting_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(counting_ops,
	       .enqueue = (void *)counting_enqueue,
	       .exit = (void *)counting_exit,
	       .name = "counting");
