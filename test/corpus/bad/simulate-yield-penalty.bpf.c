// expect: reject simulate simulate/starvation
// Who yields is put an hour behind.
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

s32 BPF_STRUCT_OPS(yield_penalty_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

void BPF_STRUCT_OPS(yield_penalty_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SLICE))
		vtime = vtime_now - SLICE;
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(yield_penalty_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(yield_penalty_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(yield_penalty_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SLICE - min(p->scx.slice, SLICE)) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(yield_penalty_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

bool BPF_STRUCT_OPS(yield_penalty_yield, struct task_struct *from, struct task_struct *to)
{
	from->scx.dsq_vtime += 3600 * NSEC_PER_SEC;
	from->scx.slice = 0;
	return false;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(yield_penalty_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(yield_penalty_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(yield_penalty_ops,
	       .select_cpu = (void *)yield_penalty_select_cpu,
	       .enqueue = (void *)yield_penalty_enqueue,
	       .dispatch = (void *)yield_penalty_dispatch,
	       .running = (void *)yield_penalty_running,
	       .stopping = (void *)yield_penalty_stopping,
	       .enable = (void *)yield_penalty_enable,
	       .yield = (void *)yield_penalty_yield,
	       .init = (void *)yield_penalty_init,
	       .exit = (void *)yield_penalty_exit,
	       .timeout_ms = 30000,
	       .name = "yield_penalty");
