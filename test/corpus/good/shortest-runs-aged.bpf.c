// expect: pass
// Shortest average run first; half a second of waiting outweighs any average.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 started_at;
	u64 avg_run;
};
TASK_STORAGE(task_ctxs, struct task_ctx);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(shortest_runs_aged_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(shortest_runs_aged_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 avg = tctx ? min(tctx->avg_run, 50 * NSEC_PER_MSEC) : 0;

	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, bpf_ktime_get_ns() + 10 * avg, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(shortest_runs_aged_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(shortest_runs_aged_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = bpf_ktime_get_ns();
}

void BPF_STRUCT_OPS(shortest_runs_aged_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->avg_run = (3 * tctx->avg_run + bpf_ktime_get_ns() - tctx->started_at) / 4;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shortest_runs_aged_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shortest_runs_aged_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(shortest_runs_aged_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shortest_runs_aged_ops,
	       .select_cpu = (void *)shortest_runs_aged_select_cpu,
	       .enqueue = (void *)shortest_runs_aged_enqueue,
	       .dispatch = (void *)shortest_runs_aged_dispatch,
	       .running = (void *)shortest_runs_aged_running,
	       .stopping = (void *)shortest_runs_aged_stopping,
	       .init_task = (void *)shortest_runs_aged_init_task,
	       .init = (void *)shortest_runs_aged_init,
	       .exit = (void *)shortest_runs_aged_exit,
	       .timeout_ms = 30000,
	       .name = "shortest_runs_aged");
