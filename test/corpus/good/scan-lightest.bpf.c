// expect: pass
// Looks through the whole queue at each dispatch for who has waited longest.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(scan_lightest_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(scan_lightest_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(scan_lightest_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u64 oldest = ~0ULL;
	s32 chosen = -1;

	bpf_for_each(scx_dsq, p, 0, 0) {
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr) && p->scx.runnable_at < oldest) {
			oldest = p->scx.runnable_at;
			chosen = p->pid;
		}
	}
	bpf_for_each(scx_dsq, p, 0, 0) {
		if (p->pid == chosen && scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL, 0))
			return;
	}
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(scan_lightest_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(scan_lightest_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(scan_lightest_ops,
	       .select_cpu = (void *)scan_lightest_select_cpu,
	       .enqueue = (void *)scan_lightest_enqueue,
	       .dispatch = (void *)scan_lightest_dispatch,
	       .init = (void *)scan_lightest_init,
	       .exit = (void *)scan_lightest_exit,
	       .timeout_ms = 30000,
	       .name = "scan_lightest");
