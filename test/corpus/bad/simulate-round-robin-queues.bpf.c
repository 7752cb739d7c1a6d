// expect: reject simulate simulate/work-conservation
// Deals tasks out to per-CPU queues in turn and never steals: a CPU idles beside another's queue.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 1024
static u64 next_cpu;

s32 BPF_STRUCT_OPS(round_robin_queues_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = __sync_fetch_and_add(&next_cpu, 1) % scx_bpf_nr_cpu_ids();

	return bpf_cpumask_test_cpu(cpu, p->cpus_ptr) ? cpu : prev_cpu;
}

void BPF_STRUCT_OPS(round_robin_queues_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);

	scx_bpf_dsq_insert(p, cpu, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(round_robin_queues_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(cpu);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(round_robin_queues_init)
{
	s32 error = 0;
	u32 cpu;

	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		if (!error)
			error = scx_bpf_create_dsq(cpu, -1);
	}
	return error;
}

void BPF_STRUCT_OPS(round_robin_queues_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(round_robin_queues_ops,
	       .select_cpu = (void *)round_robin_queues_select_cpu,
	       .enqueue = (void *)round_robin_queues_enqueue,
	       .dispatch = (void *)round_robin_queues_dispatch,
	       .init = (void *)round_robin_queues_init,
	       .exit = (void *)round_robin_queues_exit,
	       .timeout_ms = 30000,
	       .name = "round_robin_queues");
