// expect: pass
// Priority by weight that ages: two seconds of waiting outweigh any weight.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(ageing_priority_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ageing_priority_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 bonus = min((u64)p->scx.weight, 1000ULL) * 2 * NSEC_PER_MSEC;

	scx_bpf_dsq_insert_vtime(p, 0, 10 * NSEC_PER_MSEC, bpf_ktime_get_ns() - bonus, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(ageing_priority_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ageing_priority_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(ageing_priority_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ageing_priority_ops,
	       .select_cpu = (void *)ageing_priority_select_cpu,
	       .enqueue = (void *)ageing_priority_enqueue,
	       .dispatch = (void *)ageing_priority_dispatch,
	       .init = (void *)ageing_priority_init,
	       .exit = (void *)ageing_priority_exit,
	       .timeout_ms = 30000,
	       .name = "ageing_priority");
