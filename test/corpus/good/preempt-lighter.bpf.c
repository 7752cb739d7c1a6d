// expect: pass
// A waking task of much greater weight displaces the lightest one that runs.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

#define CPUS_MAX 1024

static u32 running_weight[CPUS_MAX];

s32 BPF_STRUCT_OPS(displacer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(displacer_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu, victim = -1;
	u32 least = p->scx.weight / 4;

	scx_bpf_dsq_insert_vtime(p, 0, 5 * NSEC_PER_MSEC, scx_bpf_now() - 100000 * (u64)p->scx.weight, enq_flags);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		return;
	}
	if (!(enq_flags & SCX_ENQ_WAKEUP))
		return;
	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		u32 *weight = ARRAY_ELEM_PTR(running_weight, cpu, CPUS_MAX);

		if (weight && *weight && *weight < least && bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			least = *weight;
			victim = cpu;
		}
	}
	if (victim >= 0)
		scx_bpf_kick_cpu(victim, SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(displacer_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(displacer_running, struct task_struct *p)
{
	u32 *weight = ARRAY_ELEM_PTR(running_weight, scx_bpf_task_cpu(p), CPUS_MAX);

	if (weight)
		*weight = p->scx.weight;
}

void BPF_STRUCT_OPS(displacer_stopping, struct task_struct *p, bool runnable)
{
	u32 *weight = ARRAY_ELEM_PTR(running_weight, scx_bpf_task_cpu(p), CPUS_MAX);

	if (weight)
		*weight = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(displacer_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(displacer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(displacer_ops,
	       .select_cpu = (void *)displacer_select_cpu,
	       .enqueue = (void *)displacer_enqueue,
	       .dispatch = (void *)displacer_dispatch,
	       .running = (void *)displacer_running,
	       .stopping = (void *)displacer_stopping,
	       .init = (void *)displacer_init,
	       .exit = (void *)displacer_exit,
	       .timeout_ms = 30000,
	       .name = "displacer");
