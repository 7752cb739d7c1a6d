// expect: reject static static/kernel-read
// Takes bytes of the task's structure for numbers, by a cast to no type at all.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 sum;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(untyped_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(untyped_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(untyped_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(untyped_running, struct task_struct *p)
{
	u32 *words = bpf_rdonly_cast((void *)p + 1600, 0);

	sum += words[4];
}

s32 BPF_STRUCT_OPS_SLEEPABLE(untyped_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(untyped_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(untyped_ops,
	       .select_cpu = (void *)untyped_select_cpu,
	       .enqueue = (void *)untyped_enqueue,
	       .dispatch = (void *)untyped_dispatch,
	       .running = (void *)untyped_running,
	       .init = (void *)untyped_init,
	       .exit = (void *)untyped_exit,
	       .timeout_ms = 30000,
	       .name = "untyped");
