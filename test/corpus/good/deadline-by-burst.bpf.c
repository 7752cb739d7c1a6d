// expect: pass
// Deadlines by weight and by how long a task usually runs; sums of CPU time mark hogs.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

struct task_ctx {
	u64 started;
	u64 mean;
	u64 vruntime;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

static u64 vtime_now;

s32 BPF_STRUCT_OPS(burst_deadline_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(burst_deadline_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 vtime = vtime_now, deadline;

	if (!tctx) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	if (time_before(tctx->vruntime, vtime_now - SCX_SLICE_DFL))
		tctx->vruntime = vtime_now - SCX_SLICE_DFL;
	vtime = tctx->vruntime;
	deadline = vtime + tctx->mean * 100 / p->scx.weight;
	if (p->se.sum_exec_runtime > 10 * NSEC_PER_SEC)
		deadline += NSEC_PER_MSEC;
	scx_bpf_dsq_insert_vtime(p, 0, 5 * NSEC_PER_MSEC, deadline, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(burst_deadline_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(burst_deadline_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (!tctx)
		return;
	tctx->started = scx_bpf_now();
	if (time_before(vtime_now, tctx->vruntime))
		vtime_now = tctx->vruntime;
}

void BPF_STRUCT_OPS(burst_deadline_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 ran;

	if (!tctx)
		return;
	ran = scx_bpf_now() - tctx->started;
	tctx->mean = (tctx->mean * 3 + min(ran, 100 * NSEC_PER_MSEC)) / 4;
	tctx->vruntime += ran * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(burst_deadline_enable, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->vruntime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(burst_deadline_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(burst_deadline_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(burst_deadline_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(burst_deadline_ops,
	       .select_cpu = (void *)burst_deadline_select_cpu,
	       .enqueue = (void *)burst_deadline_enqueue,
	       .dispatch = (void *)burst_deadline_dispatch,
	       .running = (void *)burst_deadline_running,
	       .stopping = (void *)burst_deadline_stopping,
	       .enable = (void *)burst_deadline_enable,
	       .init_task = (void *)burst_deadline_init_task,
	       .init = (void *)burst_deadline_init,
	       .exit = (void *)burst_deadline_exit,
	       .timeout_ms = 30000,
	       .name = "burst_deadline");
