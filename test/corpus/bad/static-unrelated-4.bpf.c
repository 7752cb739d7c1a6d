// expect: reject static static/unrelated
// A table of slices, read at a number made of the task's start: a lottery drawn once.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 slices[16];

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(slice_table_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(slice_table_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 at = (p->start_boottime >> 10) & 15;
	u64 *slice = ARRAY_ELEM_PTR(slices, at, 16);

	scx_bpf_dsq_insert(p, 0, slice ? clamp(*slice, NSEC_PER_MSEC, SCX_SLICE_DFL) : SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(slice_table_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(slice_table_init)
{
	u32 i;

	bpf_for(i, 0, 16) {
		u64 *slice = ARRAY_ELEM_PTR(slices, i, 16);

		if (slice)
			*slice = i * NSEC_PER_MSEC;
	}
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(slice_table_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(slice_table_ops,
	       .select_cpu = (void *)slice_table_select_cpu,
	       .enqueue = (void *)slice_table_enqueue,
	       .dispatch = (void *)slice_table_dispatch,
	       .init = (void *)slice_table_init,
	       .exit = (void *)slice_table_exit,
	       .timeout_ms = 30000,
	       .name = "slice_table");
