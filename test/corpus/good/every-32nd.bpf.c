// expect: pass
// Counts dispatches, and begins anew after 32: then the other queue has its turn.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

static u32 count;

s32 BPF_STRUCT_OPS(every_32nd_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(every_32nd_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, enq_flags & SCX_ENQ_WAKEUP ? 0 : 1, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(every_32nd_dispatch, s32 cpu, struct task_struct *prev)
{
	if (count >= 8) {
		count = 0;
		if (scx_bpf_dsq_move_to_local(1))
			return;
	}
	count++;
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(every_32nd_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(every_32nd_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(every_32nd_ops,
	       .select_cpu = (void *)every_32nd_select_cpu,
	       .enqueue = (void *)every_32nd_enqueue,
	       .dispatch = (void *)every_32nd_dispatch,
	       .init = (void *)every_32nd_init,
	       .exit = (void *)every_32nd_exit,
	       .timeout_ms = 30000,
	       .name = "every_32nd");
