// expect: reject load load/stack-bounds
// A string is copied into a local buffer with the length of a larger one.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(overfull_enqueue, struct task_struct *p, u64 enq_flags)
{
	char name[8];

	bpf_probe_read_kernel_str(name, 64, p->comm);
	if (name[0] == 'm')
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(overfull_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(overfull_ops,
	       .enqueue = (void *)overfull_enqueue,
	       .exit = (void *)overfull_exit,
	       .name = "overfull");
