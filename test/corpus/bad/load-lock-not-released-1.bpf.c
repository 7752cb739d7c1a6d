// expect: reject load load/lock-not-released
// One path returns with a bpf_spin_lock held.

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

void BPF_STRUCT_OPS(stuck_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	struct shared *s = bpf_map_lookup_elem(&shared, &zero);
	u64 vtime;

	if (!s)
		return;
	bpf_spin_lock(&s->lock);
	vtime = s->vtime_now;
	if (vtime == 0)
		return;
	bpf_spin_unlock(&s->lock);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(stuck_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stuck_ops,
	       .enqueue = (void *)stuck_enqueue,
	       .exit = (void *)stuck_exit,
	       .name = "stuck");
