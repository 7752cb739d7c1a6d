// expect: reject simulate simulate/starvation
// Charges 5 ms less what is left of the slice, which the kernel lengthens to 20 ms for a task that is
// alone: its virtual time runs backwards, and nothing bounds the credit that it keeps.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SLICE (5 * NSEC_PER_MSEC)

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(vtime_underflow_kept_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

void BPF_STRUCT_OPS(vtime_underflow_kept_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, p->scx.dsq_vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(vtime_underflow_kept_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(vtime_underflow_kept_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_underflow_kept_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += SLICE - p->scx.slice;
}

void BPF_STRUCT_OPS(vtime_underflow_kept_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_underflow_kept_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(vtime_underflow_kept_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(vtime_underflow_kept_ops,
	       .select_cpu = (void *)vtime_underflow_kept_select_cpu,
	       .enqueue = (void *)vtime_underflow_kept_enqueue,
	       .dispatch = (void *)vtime_underflow_kept_dispatch,
	       .running = (void *)vtime_underflow_kept_running,
	       .stopping = (void *)vtime_underflow_kept_stopping,
	       .enable = (void *)vtime_underflow_kept_enable,
	       .init = (void *)vtime_underflow_kept_init,
	       .exit = (void *)vtime_underflow_kept_exit,
	       .timeout_ms = 30000,
	       .name = "vtime_underflow_kept");
