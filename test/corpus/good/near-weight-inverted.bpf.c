// expect: pass
// Time is scaled by the inverse of the weight, computed once; slices grow with it.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

static u64 vtime_now;

static u64 inverse(const struct task_struct *p)
{
	return 100000 / p->scx.weight;
}

s32 BPF_STRUCT_OPS(inverse_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(inverse_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = min(SCX_SLICE_DFL * p->scx.weight / 100, 80 * NSEC_PER_MSEC);
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SCX_SLICE_DFL))
		vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, 0, max(slice, NSEC_PER_MSEC), vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(inverse_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(inverse_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(inverse_stopping, struct task_struct *p, bool runnable)
{
	u64 left = min(p->scx.slice, SCX_SLICE_DFL);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + (SCX_SLICE_DFL - left) * inverse(p) / 1000);
}

void BPF_STRUCT_OPS(inverse_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, vtime_now);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(inverse_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(inverse_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(inverse_ops,
	       .select_cpu = (void *)inverse_select_cpu,
	       .enqueue = (void *)inverse_enqueue,
	       .dispatch = (void *)inverse_dispatch,
	       .running = (void *)inverse_running,
	       .stopping = (void *)inverse_stopping,
	       .enable = (void *)inverse_enable,
	       .init = (void *)inverse_init,
	       .exit = (void *)inverse_exit,
	       .timeout_ms = 30000,
	       .name = "inverse");
