// expect: pass
// Weighted vtime over a global floor that only moves on; sleepers start a slice below it at most.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 floor_vtime;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(floor_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(floor_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, floor_vtime - SCX_SLICE_DFL))
		vtime = floor_vtime - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(floor_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(floor_running, struct task_struct *p)
{
	if (time_before(floor_vtime, p->scx.dsq_vtime))
		floor_vtime = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(floor_stopping, struct task_struct *p, bool runnable)
{
	u64 used = p->scx.slice < SCX_SLICE_DFL ? SCX_SLICE_DFL - p->scx.slice : 0;

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + used * 100 / p->scx.weight);
}

void BPF_STRUCT_OPS(floor_enable, struct task_struct *p)
{
	scx_bpf_task_set_dsq_vtime(p, floor_vtime);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(floor_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(floor_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(floor_ops,
	       .select_cpu = (void *)floor_select_cpu,
	       .enqueue = (void *)floor_enqueue,
	       .dispatch = (void *)floor_dispatch,
	       .running = (void *)floor_running,
	       .stopping = (void *)floor_stopping,
	       .enable = (void *)floor_enable,
	       .init = (void *)floor_init,
	       .exit = (void *)floor_exit,
	       .timeout_ms = 30000,
	       .name = "floor");
