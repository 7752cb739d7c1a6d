// expect: reject load load/rcu-not-unlocked
// One path returns inside an RCU read section.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(rcuheld_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *parent;

	bpf_rcu_read_lock();
	parent = p->real_parent;
	if (!parent)
		return;
	enq_flags |= parent->pid == 1 ? SCX_ENQ_HEAD : 0;
	bpf_rcu_read_unlock();
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(rcuheld_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(rcuheld_ops,
	       .enqueue = (void *)rcuheld_enqueue,
	       .exit = (void *)rcuheld_exit,
	       .name = "rcuheld");
