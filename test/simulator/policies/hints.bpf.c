/* What the loader tells of cgroups, and a knob of each type. */
#include <schedcp/hints.bpf.h>

const volatile u32 wanted_ms = 0;
const volatile bool strict = false;
const volatile char wanted_comm[16] = "";
const volatile s64 offset = 0;

void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->cgroups->dfl_cgrp->kn->id == 1)
		CHECK(schedcp_hint_ms(p) == 0);
	else
		CHECK(schedcp_hint_ms(p) == wanted_ms && strict && offset == -5);
	if (p->comm[0] == 'g')
		CHECK(bpf_strncmp(p->comm, 16, (const char *)wanted_comm) == 0);
	checked++;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

FIFO(.enqueue = (void *)trial_enqueue);
