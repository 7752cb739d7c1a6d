// expect: pass
// Heavy tasks first, but every fourth turn begins with the others.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

#define HEAVY 0
#define OTHERS 1

static u64 turn;

s32 BPF_STRUCT_OPS(turns_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(turns_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, p->scx.weight > 100 ? HEAVY : OTHERS, 5 * NSEC_PER_MSEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(turns_dispatch, s32 cpu, struct task_struct *prev)
{
	if (__sync_fetch_and_add(&turn, 1) % 4 == 0 && scx_bpf_dsq_move_to_local(OTHERS))
		return;
	if (!scx_bpf_dsq_move_to_local(HEAVY))
		scx_bpf_dsq_move_to_local(OTHERS);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(turns_init)
{
	s32 error = scx_bpf_create_dsq(HEAVY, -1);

	return error ?: scx_bpf_create_dsq(OTHERS, -1);
}

void BPF_STRUCT_OPS(turns_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(turns_ops,
	       .select_cpu = (void *)turns_select_cpu,
	       .enqueue = (void *)turns_enqueue,
	       .dispatch = (void *)turns_dispatch,
	       .init = (void *)turns_init,
	       .exit = (void *)turns_exit,
	       .timeout_ms = 30000,
	       .name = "turns");
