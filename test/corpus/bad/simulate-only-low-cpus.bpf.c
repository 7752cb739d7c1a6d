// expect: reject simulate simulate/work-conservation
// A queue per CPU, modulo 2: CPUs from 2 on take from queues that nobody fills.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(only_low_cpus_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(only_low_cpus_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, (u32)p->pid % 2, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(only_low_cpus_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(only_low_cpus_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 64) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(only_low_cpus_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(only_low_cpus_ops,
	       .select_cpu = (void *)only_low_cpus_select_cpu,
	       .enqueue = (void *)only_low_cpus_enqueue,
	       .dispatch = (void *)only_low_cpus_dispatch,
	       .init = (void *)only_low_cpus_init,
	       .exit = (void *)only_low_cpus_exit,
	       .timeout_ms = 30000,
	       .name = "only_low_cpus");
