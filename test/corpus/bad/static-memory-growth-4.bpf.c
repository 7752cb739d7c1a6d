// expect: reject static static/memory-growth
// A tree into which tasks are put, and out of which none is taken.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct entry {
	struct bpf_rb_node node;
	u64 key;
};

private(tree) struct bpf_spin_lock lock;
private(tree) struct bpf_rb_root root __contains(entry, node);

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	struct entry *x = container_of(a, struct entry, node);
	struct entry *y = container_of(b, struct entry, node);

	return x->key < y->key;
}

s32 BPF_STRUCT_OPS(growing_tree_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(growing_tree_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct entry *entry = bpf_obj_new(struct entry);

	if (entry) {
		entry->key = p->scx.dsq_vtime;
		bpf_spin_lock(&lock);
		bpf_rbtree_add(&root, &entry->node, less);
		bpf_spin_unlock(&lock);
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(growing_tree_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(growing_tree_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(growing_tree_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(growing_tree_ops,
	       .select_cpu = (void *)growing_tree_select_cpu,
	       .enqueue = (void *)growing_tree_enqueue,
	       .dispatch = (void *)growing_tree_dispatch,
	       .init = (void *)growing_tree_init,
	       .exit = (void *)growing_tree_exit,
	       .timeout_ms = 30000,
	       .name = "growing_tree");
