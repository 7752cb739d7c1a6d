// expect: reject load load/too-complex
// Two nested loops of thousands of rounds are walked by the verifier round by round.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 scores[4096];

void BPF_STRUCT_OPS(scoring_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 best = 0;

	for (int i = 0; i < 4096; i++) {
		for (int j = 0; j < 64; j++) {
			if (scores[i] + j > best)
				best = scores[i] ^ j;
			else if (best & 1)
				best += scores[(i + j) & 4095];
		}
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, best ? SCX_SLICE_DFL : 1000000, enq_flags);
}

void BPF_STRUCT_OPS(scoring_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(scoring_ops,
	       .enqueue = (void *)scoring_enqueue,
	       .exit = (void *)scoring_exit,
	       .name = "scoring");
