// expect: reject simulate simulate/starvation
// Ageing with the wrong sign: keys fall as time goes by, so that whoever comes last is served first.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(ageing_backwards_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ageing_backwards_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 now = bpf_ktime_get_ns();

	/* Priority minus age, but age is counted from 0 instead of from now. */
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, (10000 - p->scx.weight) * NSEC_PER_MSEC - now / 10, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(ageing_backwards_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ageing_backwards_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(ageing_backwards_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ageing_backwards_ops,
	       .select_cpu = (void *)ageing_backwards_select_cpu,
	       .enqueue = (void *)ageing_backwards_enqueue,
	       .dispatch = (void *)ageing_backwards_dispatch,
	       .init = (void *)ageing_backwards_init,
	       .exit = (void *)ageing_backwards_exit,
	       .timeout_ms = 30000,
	       .name = "ageing_backwards");
