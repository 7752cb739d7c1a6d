// expect: reject admission admission/foreign-program
// Hooks into execve beside scheduling.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

u64 executions;

SEC("tracepoint/syscalls/sys_enter_execve")
int count_executions(void *context)
{
	__sync_fetch_and_add(&executions, 1);
	return 0;
}

s32 BPF_STRUCT_OPS(watcher_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(watcher_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(watcher_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(watcher_ops,
	       .select_cpu = (void *)watcher_select_cpu,
	       .enqueue = (void *)watcher_enqueue,
	       .exit = (void *)watcher_exit,
	       .name = "watcher");
