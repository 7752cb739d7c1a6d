// expect: reject static static/strict-priority
// Hinted (short) jobs before all others, as long as there are any.
#include <scx/common.bpf.h>
#include <schedcp/hints.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

enum { SHORT_DSQ, LONG_DSQ };

s32 BPF_STRUCT_OPS(hinted_first_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hinted_first_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 ms = schedcp_hint_ms(p);

	if (ms && ms < 100)
		scx_bpf_dsq_insert(p, SHORT_DSQ, 5 * NSEC_PER_MSEC, enq_flags);
	else
		scx_bpf_dsq_insert(p, LONG_DSQ, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(hinted_first_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(SHORT_DSQ))
		scx_bpf_dsq_move_to_local(LONG_DSQ);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(hinted_first_init)
{
	s32 error = scx_bpf_create_dsq(SHORT_DSQ, -1);

	return error ?: scx_bpf_create_dsq(LONG_DSQ, -1);
}

void BPF_STRUCT_OPS(hinted_first_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(hinted_first_ops,
	       .select_cpu = (void *)hinted_first_select_cpu,
	       .enqueue = (void *)hinted_first_enqueue,
	       .dispatch = (void *)hinted_first_dispatch,
	       .init = (void *)hinted_first_init,
	       .exit = (void *)hinted_first_exit,
	       .timeout_ms = 30000,
	       .name = "hinted_first");
