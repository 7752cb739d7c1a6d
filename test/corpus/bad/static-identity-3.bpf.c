// expect: reject static static/identity
// Old processes (small pids) get the longer slices.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(elders_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(elders_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = 50 * NSEC_PER_MSEC - (u64)(u32)p->pid * 100;

	if (slice < NSEC_PER_MSEC || slice > 50 * NSEC_PER_MSEC)
		slice = NSEC_PER_MSEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(elders_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(elders_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(elders_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(elders_ops,
	       .select_cpu = (void *)elders_select_cpu,
	       .enqueue = (void *)elders_enqueue,
	       .dispatch = (void *)elders_dispatch,
	       .init = (void *)elders_init,
	       .exit = (void *)elders_exit,
	       .timeout_ms = 30000,
	       .name = "elders");
