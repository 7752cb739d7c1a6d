// expect: reject simulate simulate/work-conservation
// A queue for each CPU. One that goes offline is marked, and its queue rests; the mark stays when the CPU
// comes back, so whoever is queued there afterwards waits for ever.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define CPUS_MAX 64

UEI_DEFINE(uei);

static bool offline[CPUS_MAX];

s32 BPF_STRUCT_OPS(deadcpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;

	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
}

void BPF_STRUCT_OPS(deadcpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, cpu & (CPUS_MAX - 1), SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(deadcpu_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 own = cpu & (CPUS_MAX - 1);
	s32 other;

	if (!offline[own] && scx_bpf_dsq_move_to_local(own, 0))
		return;
	bpf_for(other, 0, scx_bpf_nr_cpu_ids()) {
		u32 from = other & (CPUS_MAX - 1);

		if (!offline[from] && scx_bpf_dsq_move_to_local(from, 0))
			return;
	}
}

void BPF_STRUCT_OPS(deadcpu_cpu_online, s32 cpu)
{
}

void BPF_STRUCT_OPS(deadcpu_cpu_offline, s32 cpu)
{
	offline[cpu & (CPUS_MAX - 1)] = true;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(deadcpu_init)
{
	s32 cpu, error;

	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids()) {
		error = scx_bpf_create_dsq(cpu & (CPUS_MAX - 1), -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(deadcpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(deadcpu_ops,
	       .select_cpu = (void *)deadcpu_select_cpu,
	       .enqueue = (void *)deadcpu_enqueue,
	       .dispatch = (void *)deadcpu_dispatch,
	       .cpu_online = (void *)deadcpu_cpu_online,
	       .cpu_offline = (void *)deadcpu_cpu_offline,
	       .init = (void *)deadcpu_init,
	       .exit = (void *)deadcpu_exit,
	       .timeout_ms = 30000,
	       .name = "deadcpu");
