// expect: reject static static/kernel-read
// Copies a piece of the kernel stack of a task.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 words[8];

s32 BPF_STRUCT_OPS(stacks_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(stacks_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(stacks_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(stacks_stopping, struct task_struct *p, bool runnable)
{
	void *stack = p->stack;

	bpf_probe_read_kernel(words, sizeof(words), &p->thread);
	if (stack)
		words[0] = (u64)stack;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(stacks_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(stacks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stacks_ops,
	       .select_cpu = (void *)stacks_select_cpu,
	       .enqueue = (void *)stacks_enqueue,
	       .dispatch = (void *)stacks_dispatch,
	       .stopping = (void *)stacks_stopping,
	       .init = (void *)stacks_init,
	       .exit = (void *)stacks_exit,
	       .timeout_ms = 30000,
	       .name = "stacks");
