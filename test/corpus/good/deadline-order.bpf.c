// expect: pass
// Earliest deadline first: the time of arrival plus a latency that falls with the weight, at most 200 ms.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(deadline_order_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, 4 * NSEC_PER_MSEC, 0);
	return cpu;
}

void BPF_STRUCT_OPS(deadline_order_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 latency = min(2000 * NSEC_PER_MSEC / p->scx.weight, 200 * NSEC_PER_MSEC);

	scx_bpf_dsq_insert_vtime(p, 0, 4 * NSEC_PER_MSEC, bpf_ktime_get_ns() + latency, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(deadline_order_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(deadline_order_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(deadline_order_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(deadline_order_ops,
	       .select_cpu = (void *)deadline_order_select_cpu,
	       .enqueue = (void *)deadline_order_enqueue,
	       .dispatch = (void *)deadline_order_dispatch,
	       .init = (void *)deadline_order_init,
	       .exit = (void *)deadline_order_exit,
	       .timeout_ms = 30000,
	       .name = "deadline_order");
