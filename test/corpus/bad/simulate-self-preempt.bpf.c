// expect: reject simulate simulate/switching
// Every enqueue preempts the task's own CPU, so that whoever was just put there is displaced at once, and
// so on.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(self_preempt_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(self_preempt_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(self_preempt_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(self_preempt_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(self_preempt_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(self_preempt_ops,
	       .select_cpu = (void *)self_preempt_select_cpu,
	       .enqueue = (void *)self_preempt_enqueue,
	       .dispatch = (void *)self_preempt_dispatch,
	       .init = (void *)self_preempt_init,
	       .exit = (void *)self_preempt_exit,
	       .timeout_ms = 30000,
	       .name = "self_preempt");
