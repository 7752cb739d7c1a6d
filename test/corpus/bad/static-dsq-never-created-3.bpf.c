// expect: reject static static/dsq-never-created
// The per-CPU queues have an offset in enqueue that init does not know.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPU_DSQ_BASE 0x10000
#define CPUS_MAX 512

s32 BPF_STRUCT_OPS(offset_queues_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(offset_queues_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, CPU_DSQ_BASE + cpu, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(offset_queues_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(CPU_DSQ_BASE + cpu);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(offset_queues_init)
{
	u32 cpus = min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX);
	s32 error = 0;
	u32 cpu;

	bpf_for(cpu, 0, cpus) {
		error = scx_bpf_create_dsq(cpu, -1);
		if (error)
			break;
	}
	return error;
}

void BPF_STRUCT_OPS(offset_queues_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(offset_queues_ops,
	       .select_cpu = (void *)offset_queues_select_cpu,
	       .enqueue = (void *)offset_queues_enqueue,
	       .dispatch = (void *)offset_queues_dispatch,
	       .init = (void *)offset_queues_init,
	       .exit = (void *)offset_queues_exit,
	       .timeout_ms = 30000,
	       .name = "offset_queues");
