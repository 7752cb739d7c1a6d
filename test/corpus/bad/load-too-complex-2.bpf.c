// expect: reject load load/too-complex
// A loop of two million rounds has bounds, but the verifier walks every round.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 scores[4096];

void BPF_STRUCT_OPS(longloop_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 best = 0;

	for (u32 i = 0; i < 2000000; i++)
		best ^= scores[best & 4095] + i;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, best ? SCX_SLICE_DFL : 1000000, enq_flags);
}

void BPF_STRUCT_OPS(longloop_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(longloop_ops,
	       .enqueue = (void *)longloop_enqueue,
	       .exit = (void *)longloop_exit,
	       .name = "longloop");
