// expect: reject load load/helper-argument-type
// A task is given as a map key where a pointer to the key is wanted.

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

void BPF_STRUCT_OPS(keyed_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_stat *stat = bpf_map_lookup_elem(&stats, (void *)(long)p->pid);

	if (stat)
		stat->runs++;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(keyed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(keyed_ops,
	       .enqueue = (void *)keyed_enqueue,
	       .exit = (void *)keyed_exit,
	       .name = "keyed");
