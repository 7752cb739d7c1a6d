// expect: reject static static/error-exit
// Checks how long tasks ran, and ends when one ran too long.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 started;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

s32 BPF_STRUCT_OPS(strict_runtime_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(strict_runtime_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(strict_runtime_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(strict_runtime_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started = scx_bpf_now();
}

void BPF_STRUCT_OPS(strict_runtime_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx && scx_bpf_now() - tctx->started > 100 * NSEC_PER_MSEC)
		scx_bpf_error("%s ran too long", p->comm);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(strict_runtime_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(strict_runtime_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(strict_runtime_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(strict_runtime_ops,
	       .select_cpu = (void *)strict_runtime_select_cpu,
	       .enqueue = (void *)strict_runtime_enqueue,
	       .dispatch = (void *)strict_runtime_dispatch,
	       .running = (void *)strict_runtime_running,
	       .stopping = (void *)strict_runtime_stopping,
	       .init_task = (void *)strict_runtime_init_task,
	       .init = (void *)strict_runtime_init,
	       .exit = (void *)strict_runtime_exit,
	       .timeout_ms = 30000,
	       .name = "strict_runtime");
