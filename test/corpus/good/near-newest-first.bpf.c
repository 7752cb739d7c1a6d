// expect: pass
// The head of the queue only for a task that was pushed off its CPU; the rest in order of time.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(returned_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(returned_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_REENQ) {
		scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags | SCX_ENQ_HEAD);
		return;
	}
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, scx_bpf_now() - p->scx.weight * NSEC_PER_USEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(returned_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(1))
		scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(returned_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(returned_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(returned_ops,
	       .select_cpu = (void *)returned_select_cpu,
	       .enqueue = (void *)returned_enqueue,
	       .dispatch = (void *)returned_dispatch,
	       .init = (void *)returned_init,
	       .exit = (void *)returned_exit,
	       .timeout_ms = 30000,
	       .name = "returned");
