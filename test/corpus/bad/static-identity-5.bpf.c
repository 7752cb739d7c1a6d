// expect: reject static static/identity
// Processes fall into five groups by their number, with a slice each.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static const u64 slices_us[5] = { 1000, 2000, 5000, 20000, 50000 };

s32 BPF_STRUCT_OPS(groups_by_tgid_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(groups_by_tgid_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 group = (u32)p->tgid % 5;
	u64 slice = NSEC_PER_MSEC;

	if (group < 5)
		slice = slices_us[group] * NSEC_PER_USEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(groups_by_tgid_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(groups_by_tgid_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(groups_by_tgid_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(groups_by_tgid_ops,
	       .select_cpu = (void *)groups_by_tgid_select_cpu,
	       .enqueue = (void *)groups_by_tgid_enqueue,
	       .dispatch = (void *)groups_by_tgid_dispatch,
	       .init = (void *)groups_by_tgid_init,
	       .exit = (void *)groups_by_tgid_exit,
	       .timeout_ms = 30000,
	       .name = "groups_by_tgid");
