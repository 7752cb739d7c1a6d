// expect: pass
// Weighted virtual time charged by the clock, with the credit of sleepers bounded by a slice.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SLICE (5 * NSEC_PER_MSEC)
static u64 vtime_now;

struct task_ctx {
	u64 started_at;
};
TASK_STORAGE(task_ctxs, struct task_ctx);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(vtime_wall_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

void BPF_STRUCT_OPS(vtime_wall_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SLICE))
		vtime = vtime_now - SLICE;
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(vtime_wall_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(vtime_wall_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = scx_bpf_now();
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(vtime_wall_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		p->scx.dsq_vtime += (scx_bpf_now() - tctx->started_at) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(vtime_wall_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_wall_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(vtime_wall_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(vtime_wall_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(vtime_wall_ops,
	       .select_cpu = (void *)vtime_wall_select_cpu,
	       .enqueue = (void *)vtime_wall_enqueue,
	       .dispatch = (void *)vtime_wall_dispatch,
	       .running = (void *)vtime_wall_running,
	       .stopping = (void *)vtime_wall_stopping,
	       .enable = (void *)vtime_wall_enable,
	       .init_task = (void *)vtime_wall_init_task,
	       .init = (void *)vtime_wall_init,
	       .exit = (void *)vtime_wall_exit,
	       .timeout_ms = 30000,
	       .name = "vtime_wall");
