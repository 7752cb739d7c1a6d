// expect: pass
// A queue per CPU; who has nothing takes from the next CPU that has.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 512

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(per_cpu_stealing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(per_cpu_stealing_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, scx_bpf_task_cpu(p), SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(per_cpu_stealing_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 cpus = min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX);
	u32 i;

	bpf_for(i, 0, cpus) {
		if (scx_bpf_dsq_move_to_local(((u32)cpu + i) % cpus))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(per_cpu_stealing_init)
{
	s32 error = 0;
	u32 cpu;

	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		if (!error)
			error = scx_bpf_create_dsq(cpu, -1);
	}
	return error;
}

void BPF_STRUCT_OPS(per_cpu_stealing_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(per_cpu_stealing_ops,
	       .select_cpu = (void *)per_cpu_stealing_select_cpu,
	       .enqueue = (void *)per_cpu_stealing_enqueue,
	       .dispatch = (void *)per_cpu_stealing_dispatch,
	       .init = (void *)per_cpu_stealing_init,
	       .exit = (void *)per_cpu_stealing_exit,
	       .timeout_ms = 30000,
	       .name = "per_cpu_stealing");
