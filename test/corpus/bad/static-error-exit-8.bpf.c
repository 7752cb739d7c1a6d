// expect: reject static static/error-exit
// Wakes a spare CPU under load that no machine has.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SPARE_CPU 100000

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(spare_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(spare_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
	if (scx_bpf_dsq_nr_queued(0) > 5000)
		scx_bpf_kick_cpu(SPARE_CPU, SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(spare_cpu_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(spare_cpu_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(spare_cpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(spare_cpu_ops,
	       .select_cpu = (void *)spare_cpu_select_cpu,
	       .enqueue = (void *)spare_cpu_enqueue,
	       .dispatch = (void *)spare_cpu_dispatch,
	       .init = (void *)spare_cpu_init,
	       .exit = (void *)spare_cpu_exit,
	       .timeout_ms = 30000,
	       .name = "spare_cpu");
