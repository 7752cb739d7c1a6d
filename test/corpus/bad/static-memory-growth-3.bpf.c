// expect: reject static static/memory-growth
// A history of runs in a list that only grows.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct entry {
	struct bpf_list_node node;
	u64 at;
};

private(history) struct bpf_spin_lock lock;
private(history) struct bpf_list_head head __contains(entry, node);

s32 BPF_STRUCT_OPS(history_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(history_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(history_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(history_stopping, struct task_struct *p, bool runnable)
{
	struct entry *entry = bpf_obj_new(struct entry);

	if (!entry)
		return;
	entry->at = bpf_ktime_get_ns();
	bpf_spin_lock(&lock);
	bpf_list_push_back(&head, &entry->node);
	bpf_spin_unlock(&lock);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(history_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(history_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(history_ops,
	       .select_cpu = (void *)history_select_cpu,
	       .enqueue = (void *)history_enqueue,
	       .dispatch = (void *)history_dispatch,
	       .stopping = (void *)history_stopping,
	       .init = (void *)history_init,
	       .exit = (void *)history_exit,
	       .timeout_ms = 30000,
	       .name = "history");
