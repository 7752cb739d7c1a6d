// expect: reject static static/storm
// Under load wakes all CPUs and waits for each of them.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(roll_call_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(roll_call_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(roll_call_dispatch, s32 cpu, struct task_struct *prev)
{
	s32 other;

	if (scx_bpf_dsq_nr_queued(0) > 500) {
		bpf_for(other, 0, scx_bpf_nr_cpu_ids())
			scx_bpf_kick_cpu(other, SCX_KICK_WAIT);
	}
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(roll_call_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(roll_call_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(roll_call_ops,
	       .select_cpu = (void *)roll_call_select_cpu,
	       .enqueue = (void *)roll_call_enqueue,
	       .dispatch = (void *)roll_call_dispatch,
	       .init = (void *)roll_call_init,
	       .exit = (void *)roll_call_exit,
	       .timeout_ms = 30000,
	       .name = "roll_call");
