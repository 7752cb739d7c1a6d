// expect: reject static static/kernel-read
// Root's tasks first: it looks at the credentials.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(by_user_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_user_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 uid = p->real_cred->uid.val;
	u64 slice = uid == 0 ? 20 * NSEC_PER_MSEC : 10 * NSEC_PER_MSEC;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(by_user_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_user_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(by_user_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_user_ops,
	       .select_cpu = (void *)by_user_select_cpu,
	       .enqueue = (void *)by_user_enqueue,
	       .dispatch = (void *)by_user_dispatch,
	       .init = (void *)by_user_init,
	       .exit = (void *)by_user_exit,
	       .timeout_ms = 30000,
	       .name = "by_user");
