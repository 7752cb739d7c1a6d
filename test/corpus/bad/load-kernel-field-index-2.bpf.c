// expect: reject load load/kernel-field-index
// A task pointer is moved by a number and followed.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(shifted_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *other = (void *)p + (p->pid & 0xff) * 8;

	if (other->scx.weight > 100)
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(shifted_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shifted_ops,
	       .enqueue = (void *)shifted_enqueue,
	       .exit = (void *)shifted_exit,
	       .name = "shifted");
