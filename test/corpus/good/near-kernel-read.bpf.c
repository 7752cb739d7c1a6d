// expect: pass
// Reads what scheduling is about: CPU time, context switches, cgroup, parent, whether there is an mm.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

static u64 slice_of(struct task_struct *p)
{
	u64 switches = p->nvcsw + p->nivcsw + 1;
	u64 mean = p->se.sum_exec_runtime / switches;

	if (!p->mm)
		return 5 * NSEC_PER_MSEC;
	if (p->mm == BPF_CORE_READ(p, real_parent, mm))
		mean /= 2;
	if (p->cgroups->dfl_cgrp->level > 2)
		mean += NSEC_PER_MSEC;
	return clamp(mean, NSEC_PER_MSEC, SCX_SLICE_DFL);
}

s32 BPF_STRUCT_OPS(reading_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(reading_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, slice_of(p), enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(reading_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(reading_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(reading_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(reading_ops,
	       .select_cpu = (void *)reading_select_cpu,
	       .enqueue = (void *)reading_enqueue,
	       .dispatch = (void *)reading_dispatch,
	       .init = (void *)reading_init,
	       .exit = (void *)reading_exit,
	       .timeout_ms = 30000,
	       .name = "reading");
