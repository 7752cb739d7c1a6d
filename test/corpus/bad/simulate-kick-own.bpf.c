// expect: reject simulate simulate/work-conservation
// Kicks the CPU that the task last used, busy or not, and never an idle one.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(kick_own_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(kick_own_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(kick_own_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(kick_own_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(kick_own_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(kick_own_ops,
	       .select_cpu = (void *)kick_own_select_cpu,
	       .enqueue = (void *)kick_own_enqueue,
	       .dispatch = (void *)kick_own_dispatch,
	       .init = (void *)kick_own_init,
	       .exit = (void *)kick_own_exit,
	       .timeout_ms = 30000,
	       .name = "kick_own");
