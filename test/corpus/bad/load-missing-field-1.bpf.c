// expect: reject load load/missing-field
// A field is read by its name of kernels before 5.14.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_struct___old {
	long state;
} __attribute__((preserve_access_index));

void BPF_STRUCT_OPS(oldfield_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct___old *old = (void *)p;

	if (BPF_CORE_READ(old, state))
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(oldfield_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(oldfield_ops,
	       .enqueue = (void *)oldfield_enqueue,
	       .exit = (void *)oldfield_exit,
	       .name = "oldfield");
