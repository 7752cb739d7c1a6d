// expect: reject static static/error-exit
// Gives up when a task waits longer than the author thinks right.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 queued_at;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

s32 BPF_STRUCT_OPS(impatience_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(impatience_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->queued_at = bpf_ktime_get_ns();
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(impatience_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(impatience_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (!tctx)
		return;
	if (bpf_ktime_get_ns() - tctx->queued_at > NSEC_PER_SEC)
		scx_bpf_error("%s waited too long", p->comm);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(impatience_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(impatience_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(impatience_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(impatience_ops,
	       .select_cpu = (void *)impatience_select_cpu,
	       .enqueue = (void *)impatience_enqueue,
	       .dispatch = (void *)impatience_dispatch,
	       .running = (void *)impatience_running,
	       .init_task = (void *)impatience_init_task,
	       .init = (void *)impatience_init,
	       .exit = (void *)impatience_exit,
	       .timeout_ms = 30000,
	       .name = "impatience");
