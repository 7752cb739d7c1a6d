// expect: reject admission admission/kernel-variable
// Reads the kernel's own run queues by their symbol.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

extern const struct rq runqueues __ksym;
u64 load;

s32 BPF_STRUCT_OPS(averager_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(averager_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(averager_tick, struct task_struct *p)
{
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 0);

	if (rq)
		load = rq->nr_running;
}

void BPF_STRUCT_OPS(averager_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(averager_ops,
	       .select_cpu = (void *)averager_select_cpu,
	       .enqueue = (void *)averager_enqueue,
	       .tick = (void *)averager_tick,
	       .exit = (void *)averager_exit,
	       .name = "averager");
