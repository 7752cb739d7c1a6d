// expect: reject load load/kernel-field-index
// A field of task_struct is indexed by a variable.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(named_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 hash = 0;

	for (int i = 0; i < 16; i++) {
		if (!p->comm[p->scx.weight & 15])
			break;
		hash = hash * 31 + p->comm[(p->scx.weight + i) & 15];
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL + (hash & 1023), enq_flags);
}

void BPF_STRUCT_OPS(named_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(named_ops,
	       .enqueue = (void *)named_enqueue,
	       .exit = (void *)named_exit,
	       .name = "named");
