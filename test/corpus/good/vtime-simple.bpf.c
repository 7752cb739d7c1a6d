// expect: pass
// scx_simple's weighted virtual time: charges the default slice less what is left of it.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 vtime_now;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(vtime_simple_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(vtime_simple_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SCX_SLICE_DFL))
		vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(vtime_simple_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(vtime_simple_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_simple_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SCX_SLICE_DFL - p->scx.slice) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(vtime_simple_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_simple_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(vtime_simple_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(vtime_simple_ops,
	       .select_cpu = (void *)vtime_simple_select_cpu,
	       .enqueue = (void *)vtime_simple_enqueue,
	       .dispatch = (void *)vtime_simple_dispatch,
	       .running = (void *)vtime_simple_running,
	       .stopping = (void *)vtime_simple_stopping,
	       .enable = (void *)vtime_simple_enable,
	       .init = (void *)vtime_simple_init,
	       .exit = (void *)vtime_simple_exit,
	       .timeout_ms = 30000,
	       .name = "vtime_simple");
