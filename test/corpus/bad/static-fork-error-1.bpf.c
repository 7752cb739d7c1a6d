// expect: reject static static/fork-error
// Refuses tasks beyond a number that it can hold.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define TASKS_MAX 200

static u64 tasks;

s32 BPF_STRUCT_OPS(counting_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(counting_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(counting_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(counting_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (__sync_fetch_and_add(&tasks, 1) >= TASKS_MAX)
		return -EAGAIN;
	return 0;
}

void BPF_STRUCT_OPS(counting_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	__sync_fetch_and_sub(&tasks, 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(counting_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(counting_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(counting_ops,
	       .select_cpu = (void *)counting_select_cpu,
	       .enqueue = (void *)counting_enqueue,
	       .dispatch = (void *)counting_dispatch,
	       .init_task = (void *)counting_init_task,
	       .exit_task = (void *)counting_exit_task,
	       .init = (void *)counting_init,
	       .exit = (void *)counting_exit,
	       .timeout_ms = 30000,
	       .name = "counting");
