// expect: reject load load/arithmetic-before-check
// A pointer into a map value is made before it is known that there is one.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct counters {
	u64 queued;
	u64 longest_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

static __noinline void raise(u64 *longest, u64 now)
{
	if (longest && *longest < now)
		*longest = now;
}

void BPF_STRUCT_OPS(early_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 cpu = scx_bpf_task_cpu(p);
	struct counters *c = bpf_map_lookup_elem(&counters, &cpu);

	raise(&c->longest_ns, p->scx.slice);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(early_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(early_ops,
	       .enqueue = (void *)early_enqueue,
	       .exit = (void *)early_exit,
	       .name = "early");
