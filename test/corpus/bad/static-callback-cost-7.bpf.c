// expect: reject static static/callback-cost
// Adds up the CPU time of all threads of the machine at each dispatch.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 total;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(census_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(census_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(census_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u64 sum = 0;

	bpf_rcu_read_lock();
	bpf_for_each(task, p, NULL, BPF_TASK_ITER_ALL_THREADS)
		sum += p->se.sum_exec_runtime;
	bpf_rcu_read_unlock();
	total = sum;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(census_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(census_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(census_ops,
	       .select_cpu = (void *)census_select_cpu,
	       .enqueue = (void *)census_enqueue,
	       .dispatch = (void *)census_dispatch,
	       .init = (void *)census_init,
	       .exit = (void *)census_exit,
	       .timeout_ms = 30000,
	       .name = "census");
