// expect: reject load load/recursion
// A function calls itself.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static __noinline u64 depth_of(u64 n)
{
	if (n < 2)
		return n;
	return depth_of(n / 2) + depth_of(n - 2) + 1;
}

void BPF_STRUCT_OPS(recursive_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL + depth_of(p->scx.weight), enq_flags);
}

void BPF_STRUCT_OPS(recursive_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(recursive_ops,
	       .enqueue = (void *)recursive_enqueue,
	       .exit = (void *)recursive_exit,
	       .name = "recursive");
