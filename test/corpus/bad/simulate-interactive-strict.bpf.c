// expect: reject simulate simulate/starvation
// Tasks with short runs always go before the others: a stream of them starves who computes.
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

s32 BPF_STRUCT_OPS(interactive_strict_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(interactive_strict_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	scx_bpf_dsq_insert(p, tctx && tctx->avg_run < 3 * NSEC_PER_MSEC ? 0 : 1, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(interactive_strict_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

void BPF_STRUCT_OPS(interactive_strict_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = bpf_ktime_get_ns();
}

void BPF_STRUCT_OPS(interactive_strict_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->avg_run = (3 * tctx->avg_run + bpf_ktime_get_ns() - tctx->started_at) / 4;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_strict_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_strict_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 2) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(interactive_strict_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(interactive_strict_ops,
	       .select_cpu = (void *)interactive_strict_select_cpu,
	       .enqueue = (void *)interactive_strict_enqueue,
	       .dispatch = (void *)interactive_strict_dispatch,
	       .running = (void *)interactive_strict_running,
	       .stopping = (void *)interactive_strict_stopping,
	       .init_task = (void *)interactive_strict_init_task,
	       .init = (void *)interactive_strict_init,
	       .exit = (void *)interactive_strict_exit,
	       .timeout_ms = 30000,
	       .name = "interactive_strict");
