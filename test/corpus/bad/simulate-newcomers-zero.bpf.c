// expect: reject simulate simulate/starvation
// New tasks start at virtual time 0, long past: a stream of forks starves the old ones.
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

s32 BPF_STRUCT_OPS(newcomers_zero_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

struct task_ctx {
	u64 started_at;
};
TASK_STORAGE(task_ctxs, struct task_ctx);

void BPF_STRUCT_OPS(newcomers_zero_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, p->scx.dsq_vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(newcomers_zero_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(newcomers_zero_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = bpf_ktime_get_ns();
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(newcomers_zero_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		p->scx.dsq_vtime += (bpf_ktime_get_ns() - tctx->started_at) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(newcomers_zero_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(newcomers_zero_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(newcomers_zero_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(newcomers_zero_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(newcomers_zero_ops,
	       .select_cpu = (void *)newcomers_zero_select_cpu,
	       .enqueue = (void *)newcomers_zero_enqueue,
	       .dispatch = (void *)newcomers_zero_dispatch,
	       .running = (void *)newcomers_zero_running,
	       .stopping = (void *)newcomers_zero_stopping,
	       .enable = (void *)newcomers_zero_enable,
	       .init_task = (void *)newcomers_zero_init_task,
	       .init = (void *)newcomers_zero_init,
	       .exit = (void *)newcomers_zero_exit,
	       .timeout_ms = 30000,
	       .name = "newcomers_zero");
