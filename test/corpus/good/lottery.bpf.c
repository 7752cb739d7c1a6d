// expect: pass
// A lottery: tickets by weight, and time that passes counts for whoever loses.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(lottery_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(lottery_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 ticket = bpf_get_prandom_u32() % 10000;

	scx_bpf_dsq_insert_vtime(p, 0, 10 * NSEC_PER_MSEC,
				 bpf_ktime_get_ns() + ticket * NSEC_PER_MSEC / p->scx.weight, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(lottery_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(lottery_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(lottery_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(lottery_ops,
	       .select_cpu = (void *)lottery_select_cpu,
	       .enqueue = (void *)lottery_enqueue,
	       .dispatch = (void *)lottery_dispatch,
	       .init = (void *)lottery_init,
	       .exit = (void *)lottery_exit,
	       .timeout_ms = 30000,
	       .name = "lottery");
