// expect: reject static static/newest-first
// A sequence number counts down from the largest.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 sequence;

s32 BPF_STRUCT_OPS(countdown_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(countdown_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 number = __sync_fetch_and_add(&sequence, 1);

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, (1ULL << 62) - number, enq_flags);
}

void BPF_STRUCT_OPS(countdown_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(countdown_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(countdown_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(countdown_ops,
	       .select_cpu = (void *)countdown_select_cpu,
	       .enqueue = (void *)countdown_enqueue,
	       .dispatch = (void *)countdown_dispatch,
	       .init = (void *)countdown_init,
	       .exit = (void *)countdown_exit,
	       .timeout_ms = 30000,
	       .name = "countdown");
