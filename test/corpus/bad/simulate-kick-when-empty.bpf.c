// expect: reject simulate simulate/work-conservation
// Wakes another CPU only where the queue was empty before: with two tasks more than the awake CPUs, one
// waits beside an idle CPU.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(kick_when_empty_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kick_when_empty_enqueue, struct task_struct *p, u64 enq_flags)
{
	bool was_empty = !scx_bpf_dsq_nr_queued(0);

	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	if (was_empty)
		kick_idle(p);
}

void BPF_STRUCT_OPS(kick_when_empty_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_when_empty_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(kick_when_empty_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(kick_when_empty_ops,
	       .select_cpu = (void *)kick_when_empty_select_cpu,
	       .enqueue = (void *)kick_when_empty_enqueue,
	       .dispatch = (void *)kick_when_empty_dispatch,
	       .init = (void *)kick_when_empty_init,
	       .exit = (void *)kick_when_empty_exit,
	       .timeout_ms = 30000,
	       .name = "kick_when_empty");
