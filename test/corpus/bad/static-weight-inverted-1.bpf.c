// expect: reject static static/weight-inverted
// Used time is multiplied by the weight instead of divided.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 vtime_now;

s32 BPF_STRUCT_OPS(multiplied_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(multiplied_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SCX_SLICE_DFL))
		vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, vtime, enq_flags);
}

void BPF_STRUCT_OPS(multiplied_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(multiplied_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(multiplied_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + (SCX_SLICE_DFL - p->scx.slice) * p->scx.weight / 100);
}

void BPF_STRUCT_OPS(multiplied_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, vtime_now);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(multiplied_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(multiplied_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(multiplied_ops,
	       .select_cpu = (void *)multiplied_select_cpu,
	       .enqueue = (void *)multiplied_enqueue,
	       .dispatch = (void *)multiplied_dispatch,
	       .running = (void *)multiplied_running,
	       .stopping = (void *)multiplied_stopping,
	       .enable = (void *)multiplied_enable,
	       .init = (void *)multiplied_init,
	       .exit = (void *)multiplied_exit,
	       .timeout_ms = 30000,
	       .name = "multiplied");
