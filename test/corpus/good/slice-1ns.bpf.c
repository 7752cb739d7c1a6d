// expect: pass
// Slices of 1 ns look mad and are not: slices end at ticks only, so these are as long as a tick.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(slice_1ns_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, 1, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_1ns_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, 1, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(slice_1ns_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(slice_1ns_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(slice_1ns_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(slice_1ns_ops,
	       .select_cpu = (void *)slice_1ns_select_cpu,
	       .enqueue = (void *)slice_1ns_enqueue,
	       .dispatch = (void *)slice_1ns_dispatch,
	       .init = (void *)slice_1ns_init,
	       .exit = (void *)slice_1ns_exit,
	       .timeout_ms = 30000,
	       .name = "slice_1ns");
