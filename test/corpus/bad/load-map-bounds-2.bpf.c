// expect: reject load load/map-bounds
// A global array is indexed by a number that can be one too large.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define LEVELS 8

u64 level_queued[LEVELS];

void BPF_STRUCT_OPS(offbyone_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 level = p->scx.weight / 100;

	if (level > LEVELS)
		level = LEVELS;
	level_queued[level]++;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(offbyone_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(offbyone_ops,
	       .enqueue = (void *)offbyone_enqueue,
	       .exit = (void *)offbyone_exit,
	       .name = "offbyone");
