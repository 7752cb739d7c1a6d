// expect: reject admission admission/foreign-program
// Probes a kernel function to learn who wakes whom.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

u64 wakes;

SEC("kprobe/try_to_wake_up")
int on_wake(struct pt_regs *context)
{
	wakes++;
	return 0;
}

s32 BPF_STRUCT_OPS(waker_spy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(waker_spy_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(waker_spy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(waker_spy_ops,
	       .select_cpu = (void *)waker_spy_select_cpu,
	       .enqueue = (void *)waker_spy_enqueue,
	       .exit = (void *)waker_spy_exit,
	       .name = "waker_spy");
