// expect: reject static static/absolute-time
// After a million tasks it no longer serves the queue in turn.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 served;

s32 BPF_STRUCT_OPS(after_a_million_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(after_a_million_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(after_a_million_dispatch, s32 cpu, struct task_struct *prev)
{
	if (served > 1000000) {
		if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
			return;
	}
	__sync_fetch_and_add(&served, 1);
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(after_a_million_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(after_a_million_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(after_a_million_ops,
	       .select_cpu = (void *)after_a_million_select_cpu,
	       .enqueue = (void *)after_a_million_enqueue,
	       .dispatch = (void *)after_a_million_dispatch,
	       .init = (void *)after_a_million_init,
	       .exit = (void *)after_a_million_exit,
	       .timeout_ms = 30000,
	       .name = "after_a_million");
