// expect: reject load load/untrusted-pointer
// A pointer read from a field that the verifier does not trust goes into a kfunc.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

void BPF_STRUCT_OPS(wakee_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *wakee = p->last_wakee;

	if (wakee && scx_bpf_task_running(wakee))
		enq_flags |= SCX_ENQ_HEAD;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(wakee_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(wakee_ops,
	       .enqueue = (void *)wakee_enqueue,
	       .exit = (void *)wakee_exit,
	       .name = "wakee");
