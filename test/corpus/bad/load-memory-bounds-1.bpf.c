// expect: reject load load/memory-bounds
// A length read at run time is not bounded before a copy into a small buffer.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

char last_comm[16];

void BPF_STRUCT_OPS(copied_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 length = p->scx.weight;

	bpf_probe_read_kernel(last_comm, length, p->comm);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(copied_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(copied_ops,
	       .enqueue = (void *)copied_enqueue,
	       .exit = (void *)copied_exit,
	       .name = "copied");
