// expect: reject load load/callback-return
// A callback of bpf_loop returns what is neither 0 nor 1.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 total;

static long add_one(u64 i, void *unused)
{
	total += i;
	return total & 7;
}

void BPF_STRUCT_OPS(looping_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_loop(8, add_one, NULL, 0);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(looping_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(looping_ops,
	       .enqueue = (void *)looping_enqueue,
	       .exit = (void *)looping_exit,
	       .name = "looping");
