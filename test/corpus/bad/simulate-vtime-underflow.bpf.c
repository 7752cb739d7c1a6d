// expect: reject simulate simulate/starvation
// Charges 5 ms less what is left of the slice, unsigned, and compares virtual times as plain numbers: once
// the kernel has granted 20 ms the clock is at the end of its range, and who comes later waits behind it.
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

s32 BPF_STRUCT_OPS(vtime_underflow_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

void BPF_STRUCT_OPS(vtime_underflow_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (vtime < vtime_now - SLICE)
		vtime = vtime_now - SLICE;
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(vtime_underflow_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(vtime_underflow_running, struct task_struct *p)
{
	if (vtime_now < p->scx.dsq_vtime)
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_underflow_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += SLICE - p->scx.slice;
}

void BPF_STRUCT_OPS(vtime_underflow_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_underflow_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(vtime_underflow_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(vtime_underflow_ops,
	       .select_cpu = (void *)vtime_underflow_select_cpu,
	       .enqueue = (void *)vtime_underflow_enqueue,
	       .dispatch = (void *)vtime_underflow_dispatch,
	       .running = (void *)vtime_underflow_running,
	       .stopping = (void *)vtime_underflow_stopping,
	       .enable = (void *)vtime_underflow_enable,
	       .init = (void *)vtime_underflow_init,
	       .exit = (void *)vtime_underflow_exit,
	       .timeout_ms = 30000,
	       .name = "vtime_underflow");
