// expect: reject simulate simulate/affinity
// Puts every task to the least loaded CPU without asking whether the task may use it.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(wrong_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(wrong_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu, best = scx_bpf_task_cpu(p);
	u64 least = ~0ULL;

	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids()) {
		u64 queued = scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | cpu);

		if (queued < least) {
			least = queued;
			best = cpu;
		}
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | best, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(best, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(wrong_cpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(wrong_cpu_ops,
	       .select_cpu = (void *)wrong_cpu_select_cpu,
	       .enqueue = (void *)wrong_cpu_enqueue,
	       .exit = (void *)wrong_cpu_exit,
	       .timeout_ms = 30000,
	       .name = "wrong_cpu");
