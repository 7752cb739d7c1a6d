// expect: reject load load/map-bounds
// A CPU number indexes an array in a map value without a check of its range.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define MAX_CPUS 64

struct counters {
	u64 queued[MAX_CPUS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

void BPF_STRUCT_OPS(percpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	s32 cpu = scx_bpf_task_cpu(p);
	struct counters *c = bpf_map_lookup_elem(&counters, &zero);

	if (c)
		c->queued[cpu]++;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(percpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(percpu_ops,
	       .enqueue = (void *)percpu_enqueue,
	       .exit = (void *)percpu_exit,
	       .name = "percpu");
