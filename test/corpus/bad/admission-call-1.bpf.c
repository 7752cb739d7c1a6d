// expect: reject admission admission/call
// Prints every task that it enqueues into the trace pipe.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(debug_fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(debug_fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_printk("enqueue %s[%d]", p->comm, p->pid);
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(debug_fifo_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(debug_fifo_ops,
	       .select_cpu = (void *)debug_fifo_select_cpu,
	       .enqueue = (void *)debug_fifo_enqueue,
	       .exit = (void *)debug_fifo_exit,
	       .name = "debug_fifo");
