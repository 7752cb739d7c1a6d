// expect: reject static static/lab-detection
// Another order on the kernel that it was tested on.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

extern u32 LINUX_KERNEL_VERSION __kconfig;

s32 BPF_STRUCT_OPS(by_version_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_version_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (LINUX_KERNEL_VERSION >= 0x070200)
		scx_bpf_dsq_insert(p, 0, 5 * NSEC_PER_MSEC, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, 1000 * NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(by_version_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_version_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(by_version_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_version_ops,
	       .select_cpu = (void *)by_version_select_cpu,
	       .enqueue = (void *)by_version_enqueue,
	       .dispatch = (void *)by_version_dispatch,
	       .init = (void *)by_version_init,
	       .exit = (void *)by_version_exit,
	       .timeout_ms = 30000,
	       .name = "by_version");
