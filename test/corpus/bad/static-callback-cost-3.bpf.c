// expect: reject static static/callback-cost
// Waits in a loop for the queue to fill, three million rounds at most.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(spinner_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(spinner_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(spinner_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 i;

	bpf_for(i, 0, 3000000) {
		if (scx_bpf_dsq_nr_queued(0) > 0)
			break;
	}
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(spinner_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(spinner_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(spinner_ops,
	       .select_cpu = (void *)spinner_select_cpu,
	       .enqueue = (void *)spinner_enqueue,
	       .dispatch = (void *)spinner_dispatch,
	       .init = (void *)spinner_init,
	       .exit = (void *)spinner_exit,
	       .timeout_ms = 30000,
	       .name = "spinner");
