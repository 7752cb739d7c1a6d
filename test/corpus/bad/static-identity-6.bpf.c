// expect: reject static static/identity
// Process 1 and whatever has a small number runs a second at a time.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(first_come_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(first_come_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = SCX_SLICE_DFL;

	if (p->tgid < 1000)
		slice = 1000 * NSEC_PER_MSEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(first_come_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(first_come_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(first_come_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(first_come_ops,
	       .select_cpu = (void *)first_come_select_cpu,
	       .enqueue = (void *)first_come_enqueue,
	       .dispatch = (void *)first_come_dispatch,
	       .init = (void *)first_come_init,
	       .exit = (void *)first_come_exit,
	       .timeout_ms = 30000,
	       .name = "first_come");
