// expect: reject static static/dispatch-gate
// Times a short loop and leaves the CPU alone where that took too little: a fast machine gets nothing.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 sum;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(bench_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(bench_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(bench_first_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 before = bpf_ktime_get_ns();
	u32 i;

	bpf_for(i, 0, 500)
		sum += i;
	if (bpf_ktime_get_ns() - before < 2000)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(bench_first_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(bench_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(bench_first_ops,
	       .select_cpu = (void *)bench_first_select_cpu,
	       .enqueue = (void *)bench_first_enqueue,
	       .dispatch = (void *)bench_first_dispatch,
	       .init = (void *)bench_first_init,
	       .exit = (void *)bench_first_exit,
	       .timeout_ms = 30000,
	       .name = "bench_first");
