// expect: reject static static/error-exit
// Tasks of a weight that the author did not expect end the scheduler.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(expected_weights_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(expected_weights_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight != 100) {
		scx_bpf_error("unexpected weight %u", p->scx.weight);
		return;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(expected_weights_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(expected_weights_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(expected_weights_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(expected_weights_ops,
	       .select_cpu = (void *)expected_weights_select_cpu,
	       .enqueue = (void *)expected_weights_enqueue,
	       .dispatch = (void *)expected_weights_dispatch,
	       .init = (void *)expected_weights_init,
	       .exit = (void *)expected_weights_exit,
	       .timeout_ms = 30000,
	       .name = "expected_weights");
