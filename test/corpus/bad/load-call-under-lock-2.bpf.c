// expect: reject load load/call-under-lock
// A second bpf_spin_lock is taken while one is held.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct shared {
	struct bpf_spin_lock lock;
	u64 vtime_now;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct shared);
} shared SEC(".maps");

void BPF_STRUCT_OPS(twolocks_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0, one = 1;
	struct shared *a = bpf_map_lookup_elem(&shared, &zero);
	struct shared *b = bpf_map_lookup_elem(&shared, &one);

	if (!a || !b)
		return;
	bpf_spin_lock(&a->lock);
	bpf_spin_lock(&b->lock);
	a->vtime_now += b->vtime_now;
	bpf_spin_unlock(&b->lock);
	bpf_spin_unlock(&a->lock);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(twolocks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(twolocks_ops,
	       .enqueue = (void *)twolocks_enqueue,
	       .exit = (void *)twolocks_exit,
	       .name = "twolocks");
