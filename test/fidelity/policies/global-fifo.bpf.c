/* SPDX-License-Identifier: GPL-2.0-only */
/* The built-in global queue alone: no select_cpu, no dispatch. */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

void BPF_STRUCT_OPS(global_fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

SCX_OPS_DEFINE(global_fifo_ops,
	       .enqueue = (void *)global_fifo_enqueue,
	       .name = "global_fifo");
