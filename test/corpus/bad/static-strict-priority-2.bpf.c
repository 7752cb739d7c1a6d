// expect: reject static static/strict-priority
// Four levels by weight, searched from the first on in a loop.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define LEVELS 4

static u32 level_of(const struct task_struct *p)
{
	u32 weight = p->scx.weight;

	if (weight >= 1000)
		return 0;
	if (weight >= 100)
		return 1;
	if (weight >= 10)
		return 2;
	return 3;
}

s32 BPF_STRUCT_OPS(levels_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(levels_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, level_of(p), SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(levels_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 level;

	bpf_for(level, 0, LEVELS) {
		if (scx_bpf_dsq_move_to_local(level))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(levels_init)
{
	s32 error = 0;
	u32 level;

	bpf_for(level, 0, LEVELS) {
		error = scx_bpf_create_dsq(level, -1);
		if (error)
			break;
	}
	return error;
}

void BPF_STRUCT_OPS(levels_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(levels_ops,
	       .select_cpu = (void *)levels_select_cpu,
	       .enqueue = (void *)levels_enqueue,
	       .dispatch = (void *)levels_dispatch,
	       .init = (void *)levels_init,
	       .exit = (void *)levels_exit,
	       .timeout_ms = 30000,
	       .name = "levels");
