// expect: reject static static/newest-first
// Shortest hinted job first, and nothing ages.
#include <scx/common.bpf.h>
#include <schedcp/hints.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(shortest_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(shortest_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = schedcp_hint_ms(p);

	if (!key)
		key = 1000000;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, key, enq_flags);
}

void BPF_STRUCT_OPS(shortest_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shortest_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(shortest_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shortest_ops,
	       .select_cpu = (void *)shortest_select_cpu,
	       .enqueue = (void *)shortest_enqueue,
	       .dispatch = (void *)shortest_dispatch,
	       .init = (void *)shortest_init,
	       .exit = (void *)shortest_exit,
	       .timeout_ms = 30000,
	       .name = "shortest");
