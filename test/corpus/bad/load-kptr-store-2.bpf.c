// expect: reject load load/kptr-store
// A task that is only borrowed is put into a __kptr field.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct kept_task {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept_task);
} slots SEC(".maps");

void BPF_STRUCT_OPS(borrowed_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 zero = 0;
	struct kept_task *slot = bpf_map_lookup_elem(&slots, &zero);
	struct task_struct *old;

	if (slot) {
		old = bpf_kptr_xchg(&slot->task, p);
		if (old)
			bpf_task_release(old);
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(borrowed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(borrowed_ops,
	       .enqueue = (void *)borrowed_enqueue,
	       .exit = (void *)borrowed_exit,
	       .name = "borrowed");
