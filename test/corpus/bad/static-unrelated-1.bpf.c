// expect: reject static static/unrelated
// Tasks whose start fell into an odd second get a tenth.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(odd_start_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(odd_start_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = SCX_SLICE_DFL;

	if ((p->start_time / NSEC_PER_SEC) & 1)
		slice /= 10;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(odd_start_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(odd_start_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(odd_start_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(odd_start_ops,
	       .select_cpu = (void *)odd_start_select_cpu,
	       .enqueue = (void *)odd_start_enqueue,
	       .dispatch = (void *)odd_start_dispatch,
	       .init = (void *)odd_start_init,
	       .exit = (void *)odd_start_exit,
	       .timeout_ms = 30000,
	       .name = "odd_start");
