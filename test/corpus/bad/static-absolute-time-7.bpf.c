// expect: reject static static/absolute-time
// Starts to behave when the machine has been up for ten minutes.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(early_boot_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(early_boot_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = SCX_SLICE_DFL;

	if (bpf_ktime_get_boot_ns() / NSEC_PER_SEC < 600)
		slice = 4 * NSEC_PER_SEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(early_boot_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(early_boot_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(early_boot_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(early_boot_ops,
	       .select_cpu = (void *)early_boot_select_cpu,
	       .enqueue = (void *)early_boot_enqueue,
	       .dispatch = (void *)early_boot_dispatch,
	       .init = (void *)early_boot_init,
	       .exit = (void *)early_boot_exit,
	       .timeout_ms = 30000,
	       .name = "early_boot");
