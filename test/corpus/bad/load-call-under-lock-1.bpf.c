// expect: reject load load/call-under-lock
// A kfunc is called while a bpf_spin_lock is held.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct shared {
	struct bpf_spin_lock lock;
	u64 vtime_now;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct shared);
} shared SEC(".maps");

void BPF_STRUCT_OPS(locked_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	struct shared *s = bpf_map_lookup_elem(&shared, &zero);

	if (!s)
		return;
	bpf_spin_lock(&s->lock);
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, s->vtime_now, enq_flags);
	bpf_spin_unlock(&s->lock);
}

void BPF_STRUCT_OPS(locked_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(locked_ops,
	       .enqueue = (void *)locked_enqueue,
	       .exit = (void *)locked_exit,
	       .name = "locked");
