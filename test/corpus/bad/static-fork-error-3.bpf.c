// expect: reject static static/fork-error
// Kernel threads are refused, and so none can be made.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(no_kthreads_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(no_kthreads_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(no_kthreads_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(no_kthreads_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (p->flags & PF_KTHREAD)
		return -EPERM;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(no_kthreads_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(no_kthreads_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(no_kthreads_ops,
	       .select_cpu = (void *)no_kthreads_select_cpu,
	       .enqueue = (void *)no_kthreads_enqueue,
	       .dispatch = (void *)no_kthreads_dispatch,
	       .init_task = (void *)no_kthreads_init_task,
	       .init = (void *)no_kthreads_init,
	       .exit = (void *)no_kthreads_exit,
	       .timeout_ms = 30000,
	       .name = "no_kthreads");
