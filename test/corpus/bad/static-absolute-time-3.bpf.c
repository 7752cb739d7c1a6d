// expect: reject static static/absolute-time
// A warm-up phase: light tasks wait until a moment that init fixed.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 warm_at;

s32 BPF_STRUCT_OPS(warm_up_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(warm_up_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = 0;

	if (p->scx.weight < 100 && time_before(scx_bpf_now(), warm_at))
		dsq = 1;
	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(warm_up_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0) && time_after(scx_bpf_now(), warm_at))
		scx_bpf_dsq_move_to_local(1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(warm_up_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	warm_at = scx_bpf_now() + 30 * NSEC_PER_SEC;
	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(warm_up_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(warm_up_ops,
	       .select_cpu = (void *)warm_up_select_cpu,
	       .enqueue = (void *)warm_up_enqueue,
	       .dispatch = (void *)warm_up_dispatch,
	       .init = (void *)warm_up_init,
	       .exit = (void *)warm_up_exit,
	       .timeout_ms = 30000,
	       .name = "warm_up");
