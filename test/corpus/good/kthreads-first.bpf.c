// expect: pass
// Kernel threads of one CPU go straight to it, ahead of the rest.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(kthreads_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(kthreads_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	if ((p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_PREEMPT);
		return;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(kthreads_first_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kthreads_first_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(kthreads_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(kthreads_first_ops,
	       .select_cpu = (void *)kthreads_first_select_cpu,
	       .enqueue = (void *)kthreads_first_enqueue,
	       .dispatch = (void *)kthreads_first_dispatch,
	       .init = (void *)kthreads_first_init,
	       .exit = (void *)kthreads_first_exit,
	       .timeout_ms = 30000,
	       .name = "kthreads_first");
