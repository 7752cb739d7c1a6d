// expect: pass
// Whoever wakes displaces what runs on its CPU, if that has run for 2 ms.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 512
static u64 started_at[CPUS_MAX];

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(preempt_on_wake_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(preempt_on_wake_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	if ((enq_flags & SCX_ENQ_WAKEUP) && cpu < CPUS_MAX &&
	    bpf_ktime_get_ns() - started_at[cpu] > 2 * NSEC_PER_MSEC)
		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
	else
		kick_idle(p);
}

void BPF_STRUCT_OPS(preempt_on_wake_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(preempt_on_wake_running, struct task_struct *p)
{
	u32 cpu = scx_bpf_task_cpu(p);

	if (cpu < CPUS_MAX)
		started_at[cpu] = bpf_ktime_get_ns();
}

s32 BPF_STRUCT_OPS_SLEEPABLE(preempt_on_wake_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(preempt_on_wake_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(preempt_on_wake_ops,
	       .select_cpu = (void *)preempt_on_wake_select_cpu,
	       .enqueue = (void *)preempt_on_wake_enqueue,
	       .dispatch = (void *)preempt_on_wake_dispatch,
	       .running = (void *)preempt_on_wake_running,
	       .init = (void *)preempt_on_wake_init,
	       .exit = (void *)preempt_on_wake_exit,
	       .timeout_ms = 30000,
	       .name = "preempt_on_wake");
