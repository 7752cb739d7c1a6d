// expect: reject simulate simulate/work-conservation
// A queue per CPU that only this CPU takes from: tasks wait there beside CPUs that are idle.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 1024

s32 BPF_STRUCT_OPS(per_cpu_no_stealing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(per_cpu_no_stealing_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, scx_bpf_task_cpu(p), SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(per_cpu_no_stealing_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu);
}

void BPF_STRUCT_OPS(per_cpu_no_stealing_cpu_online, s32 cpu)
{
}

void BPF_STRUCT_OPS(per_cpu_no_stealing_cpu_offline, s32 cpu)
{
}

s32 BPF_STRUCT_OPS_SLEEPABLE(per_cpu_no_stealing_init)
{
	s32 error = 0;
	u32 cpu;

	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		if (!error)
			error = scx_bpf_create_dsq(cpu, -1);
	}
	return error;
}

void BPF_STRUCT_OPS(per_cpu_no_stealing_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(per_cpu_no_stealing_ops,
	       .select_cpu = (void *)per_cpu_no_stealing_select_cpu,
	       .enqueue = (void *)per_cpu_no_stealing_enqueue,
	       .dispatch = (void *)per_cpu_no_stealing_dispatch,
	       .cpu_online = (void *)per_cpu_no_stealing_cpu_online,
	       .cpu_offline = (void *)per_cpu_no_stealing_cpu_offline,
	       .init = (void *)per_cpu_no_stealing_init,
	       .exit = (void *)per_cpu_no_stealing_exit,
	       .timeout_ms = 30000,
	       .name = "per_cpu_no_stealing");
