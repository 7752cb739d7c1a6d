// expect: reject simulate simulate/work-conservation
// Every wake-up goes to the waker's CPU, and nobody takes from another's queue: all gathers on one CPU.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 1024

s32 BPF_STRUCT_OPS(wakers_cpu_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = bpf_get_smp_processor_id();

	return bpf_cpumask_test_cpu(cpu, p->cpus_ptr) ? cpu : prev_cpu;
}

void BPF_STRUCT_OPS(wakers_cpu_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(wakers_cpu_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(wakers_cpu_ops,
	       .select_cpu = (void *)wakers_cpu_select_cpu,
	       .enqueue = (void *)wakers_cpu_enqueue,
	       .exit = (void *)wakers_cpu_exit,
	       .timeout_ms = 30000,
	       .name = "wakers_cpu");
