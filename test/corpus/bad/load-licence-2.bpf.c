// expect: reject load load/licence
// There is no call of a kfunc, but the licence is still not compatible with the GPL.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "Apache-2.0";

UEI_DEFINE(uei);

u64 nr_seen;

void BPF_STRUCT_OPS(shut_enqueue, struct task_struct *p, u64 enq_flags)
{
	nr_seen++;
}

void BPF_STRUCT_OPS(shut_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shut_ops,
	       .enqueue = (void *)shut_enqueue,
	       .exit = (void *)shut_exit,
	       .name = "shut");
