// expect: reject static static/storm
// Whoever starts to run has its own CPU schedule again.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(restless_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(restless_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(restless_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(restless_running, struct task_struct *p)
{
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(restless_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(restless_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(restless_ops,
	       .select_cpu = (void *)restless_select_cpu,
	       .enqueue = (void *)restless_enqueue,
	       .dispatch = (void *)restless_dispatch,
	       .running = (void *)restless_running,
	       .init = (void *)restless_init,
	       .exit = (void *)restless_exit,
	       .timeout_ms = 30000,
	       .name = "restless");
