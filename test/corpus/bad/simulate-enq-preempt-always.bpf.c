// expect: reject simulate simulate/starvation
// Every task that is put back is inserted with SCX_ENQ_PREEMPT ahead of those that wait: two displace each
// other without end and the rest starve.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(enq_preempt_always_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(enq_preempt_always_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags | SCX_ENQ_PREEMPT);
}

void BPF_STRUCT_OPS(enq_preempt_always_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(enq_preempt_always_ops,
	       .select_cpu = (void *)enq_preempt_always_select_cpu,
	       .enqueue = (void *)enq_preempt_always_enqueue,
	       .exit = (void *)enq_preempt_always_exit,
	       .timeout_ms = 30000,
	       .name = "enq_preempt_always");
